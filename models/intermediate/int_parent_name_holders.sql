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
        repository_key as model_key,
        previous_repository_id as model_id,
        previous_snapshot_date as last_seen_on
    from {{ ref('int_repository_changes') }}
    where kind = 'models' and previous_repository_id is not null
),

holders as (
    select
        names.model_id,
        coalesce(former.model_key, names.model_key) as model_key,
        max(names.last_seen_on) as last_seen_on
    from names
    inner join wanted on names.model_id = wanted.model_id
    -- A key whose name came back is the model that has the name now.
    left join {{ ref('int_former_holders') }} as former on names.model_key = former.unit_key
    group by names.model_id, coalesce(former.model_key, names.model_key)
)

select
    holders.model_id,
    holders.model_key,
    models.created_at,
    holders.last_seen_on
from holders
inner join {{ ref('int_model_parameters') }} as models on holders.model_key = models.model_key
