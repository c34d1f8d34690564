-- The one place where a set of tags, JSON text until here, is read.
with

tag_sets as (
    select distinct
        tag_set_key,
        tag_set
    from {{ ref('int_dataset_tag_keys') }}
),

tags as (
    select distinct
        tag_set_key,
        tag
    from ({{ unnest_json_strings('tag_sets', ['tag_set_key'], 'tag_set', 'tag') }}) as unnested
),

-- language:en is the value en of the family language.
split as (
    select
        tag_set_key,
        substr(tag, 1, strpos(tag, ':') - 1) as family,
        substr(tag, strpos(tag, ':') + 1) as value
    from tags
)

select *
from split
where value <> ''
