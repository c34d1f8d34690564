with

names as (
    select
        model_key,
        parent_name
    from {{ ref('int_declared_parent_names') }}
),

holders as (
    select
        model_id,
        model_key,
        row_number() over (
            partition by model_id
            order by last_seen_on desc, created_at desc, model_key desc
        ) as recency
    from {{ ref('int_parent_name_holders') }}
)

select distinct
    names.model_key,
    holders.model_key as parent_key
from names
inner join holders on names.parent_name = holders.model_id and holders.recency = 1
where names.model_key <> holders.model_key
