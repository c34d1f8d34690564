-- A view, which one table reads once. Whether a model of a name is known is another question.
{{ config(materialized='view') }}

with

listings as (
    select
        model_key,
        model_id,
        {{ tags_of_families('tags', ['base_model']) }} as parent_tags
    from {{ ref('int_model_listings') }}
    where {{ matches('tags', '"base_model:') }}
),

tags as (
    select
        model_key,
        model_id,
        substr(tag, length('base_model:') + 1) as parent
    from ({{ unnest_json_strings('listings', ['model_key', 'model_id'], 'parent_tags', 'tag') }}) as unnested
),

-- base_model:adapter:org/name and base_model:org/name name the same parent; no name has a colon.
names as (
    select distinct
        model_key,
        model_id,
        substr(parent, strpos(parent, ':') + 1) as parent_name
    from tags
)

select
    model_key,
    parent_name
from names
where parent_name <> '' and parent_name <> model_id
