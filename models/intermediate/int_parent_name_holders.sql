with

wanted as (
    select distinct parent_name as model_id
    from {{ ref('int_declared_parent_names') }}
),

-- Every name that a model ever had, and when it was last seen with it.
names as (
    select
        model_key,
        model_id,
        snapshot_date as last_seen_on
    from {{ ref('int_model_parameters') }}
    union all
    select
        model_key,
        previous_model_id as model_id,
        previous_snapshot_date as last_seen_on
    from {{ ref('int_renamed_models') }}
    union all
    select
        model_key,
        model_id,
        previous_snapshot_date as last_seen_on
    from {{ ref('int_delisted_models') }}
),

recurring_names as (
    select * from {{ ref('int_recurring_names') }}
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

holders as (
    select
        names.model_id,
        coalesce(continued.continued_by, names.model_key) as model_key,
        max(names.last_seen_on) as last_seen_on
    from names
    inner join wanted on names.model_id = wanted.model_id
    left join continued on names.model_key = continued.model_key
    group by names.model_id, coalesce(continued.continued_by, names.model_key)
)

select
    holders.model_id,
    holders.model_key,
    models.created_at,
    holders.last_seen_on
from holders
inner join {{ ref('int_model_parameters') }} as models on holders.model_key = models.model_key
