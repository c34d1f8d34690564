-- The one place where a set of tags, JSON text until here, is read.
with

tag_sets as (
    select distinct tag_set
    from {{ ref('int_dataset_tag_sets') }}
),

tags as (
    select distinct
        tag_set,
        tag
    from tag_sets
    {{ unnest_json_strings('tag_set', 'tag') }}
),

-- language:en is the value en of the family language.
split as (
    select
        tag_set,
        substr(tag, 1, strpos(tag, ':') - 1) as family,
        substr(tag, strpos(tag, ':') + 1) as value
    from tags
)

select *
from split
where value <> ''
