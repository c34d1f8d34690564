-- What the dataset marts rest on, of every snapshot: many datasets have the same tags. Kept, so that a build reads the
-- new snapshots only, however many there are. It holds tags as they are and no definition, so that a new definition
-- reaches all snapshots without a full refresh.
{% set version = ['snapshot_date', 'loaded_at'] %}
{% set missing = missing_snapshots(version, "kind = 'datasets'") %}
{{
    config(
        materialized='incremental',
        on_schema_change='fail',
        partition_by=partition_by_date('snapshot_date'),
        pre_hook='{{ delete_outdated_snapshots(' ~ version ~ ') }}',
    )
}}

with

snapshots as (
    {{ missing }}
),

listings as (
    select
        snapshots.snapshot_date,
        snapshots.loaded_at,
        {{ tags_of_families('listings.tags', ['language', 'task_categories', 'license']) }} as tag_set
    from snapshots
    inner join {{ ref('stg_hub__datasets') }} as listings
        on snapshots.snapshot_date = listings.snapshot_date
    where {{ in_partitions('listings.snapshot_date', missing, 'snapshot_date') }}
)

select
    snapshot_date,
    loaded_at,
    tag_set,
    count(*) as datasets
from listings
group by snapshot_date, loaded_at, tag_set
