-- The one place where the tags of datasets, JSON text until here, are read.
with

listings as (
    select
        snapshot_date,
        dataset_key,
        tags
    from {{ ref('int_dataset_listings') }}
),

tags as (
    select
        snapshot_date,
        dataset_key,
        tag
    from listings
    {{ unnest_json_strings('tags', 'tag') }}
),

-- language:en is the value en of the family language.
split as (
    select
        snapshot_date,
        dataset_key,
        substr(tag, 1, strpos(tag, ':') - 1) as family,
        substr(tag, strpos(tag, ':') + 1) as value
    from tags
    where
        starts_with(tag, 'language:')
        or starts_with(tag, 'task_categories:')
        or starts_with(tag, 'license:')
        or starts_with(tag, 'modality:')
        or starts_with(tag, 'format:')
        or starts_with(tag, 'size_categories:')
)

select *
from split
where value <> ''
