-- Kept, so that a build compares the new snapshots only, however many there are.
{% set version = ['kind', 'snapshot_date', 'loaded_at', 'earlier_snapshot_date', 'earlier_loaded_at'] %}
{% set relation = 'int_snapshot_pairs' %}
{{ config(**kept_by_snapshot(version, relation)) }}

{% for kind in ['models', 'datasets'] -%}
    {% set kind_loop = loop -%}
    {% set missing = missing_snapshots(version, "kind = '" ~ kind ~ "'", relation) -%}
    {% for batch in batches(missing, ['kind', 'snapshot_date', 'earlier_snapshot_date'], relation) -%}
        select
            pairs.{{ version | join(',\n            pairs.') }},
            count(*) as repositories,
            sum(case when later.downloads = earlier.downloads then 1 else 0 end) as repeated
        from ({{ batch }}) as pairs
        inner join {{ ref('int_repository_listings') }} as later
            on pairs.snapshot_date = later.snapshot_date
        inner join {{ ref('int_repository_listings') }} as earlier
            on
                pairs.earlier_snapshot_date = earlier.snapshot_date
                and later.repository_key = earlier.repository_key
        where
            later.kind = '{{ kind }}'
            and earlier.kind = '{{ kind }}'
            and later.downloads > 0
            and earlier.downloads > 0
            and {{ in_partitions('later.snapshot_date', missing, 'snapshot_date') }}
            and {{ in_partitions('earlier.snapshot_date', missing, 'earlier_snapshot_date') }}
        group by pairs.{{ version | join(', pairs.') }}
        {% if not (loop.last and kind_loop.last) -%}
            {{ next_batch() }}
        {% endif -%}
    {% endfor -%}
{% endfor -%}
