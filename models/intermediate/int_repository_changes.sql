-- Kept, so that a build compares the new snapshots only, however many there are.
{% set version = ['kind'] + compared_snapshots() %}
{% set columns = ['repository_id', 'created_at'] %}
{{ config(partition_by=partition_by_date('snapshot_date'), **kept_by_snapshot(version)) }}

{% for kind in ['models', 'datasets'] -%}
    {% set kind_loop = loop -%}
    {% set missing = missing_snapshots(version, "kind = '" ~ kind ~ "' and previous_snapshot_date is not null") -%}
    {% for batch in batches(missing, ['kind', 'snapshot_date']) -%}
        select
            pairs.{{ version | join(',\n            pairs.') }},
            compared.repository_key,
            compared.repository_id,
            compared.previous_repository_id,
            compared.created_at
        from ({{ batch }}) as pairs
        inner join (
            select
                coalesce(later.snapshot_date, earlier.snapshot_date) as snapshot_date,
                coalesce(later.repository_key, earlier.repository_key) as repository_key,
                later.repository_id,
                earlier.repository_id as previous_repository_id,
                coalesce(later.created_at, earlier.created_at) as created_at
            from (
                {{ listings_of_snapshots(kind, batch, missing, 'snapshot_date', columns) }}
            ) as later
            full outer join (
                {{ listings_of_snapshots(kind, batch, missing, 'previous_snapshot_date', columns) }}
            ) as earlier
                on
                    later.snapshot_date = earlier.snapshot_date
                    and later.repository_key = earlier.repository_key
        ) as compared
            on pairs.snapshot_date = compared.snapshot_date
        where
            compared.repository_id is null
            or compared.previous_repository_id is null
            or compared.repository_id <> compared.previous_repository_id
        {% if not (loop.last and kind_loop.last) -%}
            {{ next_batch() }}
        {% endif -%}
    {% endfor -%}
{% endfor -%}
