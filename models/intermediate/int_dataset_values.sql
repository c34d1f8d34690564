-- As int_dataset_tag_sets, for the tags that the Hub sets by itself when it reads a dataset's files.
{% set version = ['snapshot_date', 'loaded_at'] %}
{% set missing = missing_snapshots(version, "kind = 'datasets'") %}
{{ config(partition_by=partition_by_date('snapshot_date'), **kept_by_snapshot(version)) }}

with

tag_sets as (
    {{ count_tag_sets(['modality', 'format', 'size_categories'], ref('stg_hub__datasets'), missing) }}
),

keyed as (
    select
        *,
        {{ text_key('tag_set') }} as tag_set_key
    from tag_sets
),

tags as (
    select distinct
        snapshot_date,
        loaded_at,
        tag_set_key,
        datasets,
        tag
    from (
        {{ unnest_json_strings('keyed', ['snapshot_date', 'loaded_at', 'tag_set_key', 'datasets'], 'tag_set', 'tag') }}
    ) as unnested
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
