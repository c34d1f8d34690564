-- Kept, so that a build reads the new snapshots only, however many there are.
{% set version = [
    'kind', 'snapshot_date', 'loaded_at', 'keyed_before', 'keyed_before_loaded_at', 'keyed_after', 'keyed_after_loaded_at',
] %}
{% set relation = 'int_keyless_snapshots' %}
{{ config(partition_by=partition_by_date('snapshot_date'), **kept_by_snapshot(version, relation)) }}

{% for kind, name in {'models': 'model', 'datasets': 'dataset'}.items() -%}
    {% set kind_loop = loop -%}
    {% set missing = missing_snapshots(version, "kind = '" ~ kind ~ "'", relation) -%}
    {% set listings = ref('stg_hub__' ~ kind) -%}
    {% for batch in batches(missing, ['kind', 'snapshot_date'], relation) -%}
        select
            snapshots.{{ version | join(',\n            snapshots.') }},
            keyless.{{ name }}_id as repository_id,
            max(coalesce(
                case
                    when
                        after.{{ name }}_key is null
                        or {{ date_difference('day', 'snapshots.keyed_before', 'snapshots.snapshot_date') }}
                        <= {{ date_difference('day', 'snapshots.snapshot_date', 'snapshots.keyed_after') }}
                        then before.{{ name }}_key
                end,
                after.{{ name }}_key
            )) as repository_key
        from ({{ batch }}) as snapshots
        inner join {{ listings }} as keyless
            on snapshots.snapshot_date = keyless.snapshot_date and keyless.{{ name }}_key is null
        left join {{ listings }} as before
            on
                snapshots.keyed_before = before.snapshot_date
                and keyless.{{ name }}_id = before.{{ name }}_id
                and cast(keyless.created_at as date) = cast(before.created_at as date)
        left join {{ listings }} as after
            on
                snapshots.keyed_after = after.snapshot_date
                and keyless.{{ name }}_id = after.{{ name }}_id
                and cast(keyless.created_at as date) = cast(after.created_at as date)
        where
            {{ in_partitions('keyless.snapshot_date', missing, 'snapshot_date') }}
            and coalesce(before.{{ name }}_key, after.{{ name }}_key) is not null
        group by snapshots.{{ version | join(', snapshots.') }}, keyless.{{ name }}_id
        {% if not (loop.last and kind_loop.last) -%}
            {{ next_batch() }}
        {% endif -%}
    {% endfor -%}
{% endfor -%}
