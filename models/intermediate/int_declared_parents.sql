{% set relations = ['adapter', 'quantized', 'merge', 'finetune'] %}

with

-- Without the tags, which are most of a listing and are read once.
listings as (
    select
        model_key,
        model_id,
        snapshot_date,
        created_at
    from {{ ref('int_model_listings') }}
),

recurring_names as (
    select * from {{ ref('int_recurring_names') }}
),

declaring as (
    select
        model_key,
        model_id,
        {{ tags_of_families('tags', ['base_model']) }} as parent_tags
    from {{ ref('int_model_listings') }}
    where {{ matches('tags', '"base_model:') }}
),

declared as (
    select distinct
        model_key,
        model_id,
        regexp_replace(parent_tag, '^base_model:(?:(?:{{ relations | join('|') }}):)?', '') as parent_name
    from ({{ unnest_json_strings('declaring', ['model_key', 'model_id'], 'parent_tags', 'parent_tag') }}) as unnested
),

wanted as (
    select distinct parent_name as model_id
    from declared
    where parent_name <> model_id
),

-- Every name that a model ever had, and when it was last seen with it.
names as (
    select
        model_key,
        model_id,
        created_at,
        snapshot_date as last_seen_on
    from listings
    union all
    select
        model_key,
        previous_model_id as model_id,
        created_at,
        previous_snapshot_date as last_seen_on
    from {{ ref('int_renamed_models') }}
    union all
    select
        model_key,
        model_id,
        created_at,
        previous_snapshot_date as last_seen_on
    from {{ ref('int_delisted_models') }}
),

holders as (
    select
        names.model_id,
        names.model_key,
        row_number() over (
            partition by names.model_id
            order by names.last_seen_on desc, names.created_at desc, names.model_key desc
        ) as recency
    from names
    inner join wanted on names.model_id = wanted.model_id
),

-- A key whose name came back is the model that has the name now.
continued as (
    select
        former.model_key,
        newest.model_key as continued_by
    from recurring_names as former
    inner join recurring_names as newest
        on former.model_id = newest.model_id and newest.is_newest_holder
    where not former.is_newest_holder
),

resolved as (
    select
        declared.model_key,
        coalesce(continued.continued_by, holders.model_key) as parent_key
    from declared
    inner join holders on declared.parent_name = holders.model_id and holders.recency = 1
    left join continued on holders.model_key = continued.model_key
)

select distinct
    model_key,
    parent_key
from resolved
where model_key <> parent_key
