-- As int_dataset_tag_sets, for the tags that the Hub sets by itself when it reads a dataset's files.
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
        {{ tags_of_families('listings.tags', ['modality', 'format', 'size_categories']) }} as tag_set
    from snapshots
    inner join {{ ref('stg_hub__datasets') }} as listings
        on snapshots.snapshot_date = listings.snapshot_date
    where {{ in_partitions('listings.snapshot_date', missing, 'snapshot_date') }}
),

tag_sets as (
    select
        snapshot_date,
        loaded_at,
        tag_set,
        count(*) as datasets
    from listings
    group by snapshot_date, loaded_at, tag_set
),

tags as (
    select distinct
        snapshot_date,
        loaded_at,
        tag_set,
        datasets,
        tag
    from tag_sets
    {{ unnest_json_strings('tag_set', 'tag') }}
)

select
    snapshot_date,
    loaded_at,
    substr(tag, 1, strpos(tag, ':') - 1) as family,
    substr(tag, strpos(tag, ':') + 1) as value,
    cast(sum(datasets) as int64) as datasets
from tags
where substr(tag, strpos(tag, ':') + 1) <> ''
group by snapshot_date, loaded_at, tag
