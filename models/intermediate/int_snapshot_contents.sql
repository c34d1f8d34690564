-- Kept, so that a build reads the new snapshots only, however many there are.
{% set version = ['kind', 'snapshot_date', 'loaded_at'] %}
{% set relation = 'stg_hub__snapshots' %}
{{ config(**kept_by_snapshot(version, relation)) }}

{% for kind, key in {'models': 'model_key', 'datasets': 'dataset_key'}.items() -%}
    {% set missing = missing_snapshots(version, "kind = '" ~ kind ~ "'", relation) -%}
    select
        snapshots.kind,
        snapshots.snapshot_date,
        snapshots.loaded_at,
        count(*) as repositories,
        count(*) - count(listings.{{ key }}) as without_key,
        count(listings.downloads) as with_downloads,
        count(listings.downloads_all_time) as with_downloads_all_time
    from ({{ missing }}) as snapshots
    inner join {{ ref('stg_hub__' ~ kind) }} as listings
        on snapshots.snapshot_date = listings.snapshot_date
    where {{ in_partitions('listings.snapshot_date', missing, 'snapshot_date') }}
    group by snapshots.kind, snapshots.snapshot_date, snapshots.loaded_at
    {% if not loop.last -%}
        union all
    {% endif -%}
{% endfor -%}
