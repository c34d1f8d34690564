with

declared as (
    select
        names.model_key,
        names.parent_name,
        names.relation,
        models.created_at
    from {{ ref('int_declared_parent_names') }} as names
    inner join {{ ref('int_model_parameters') }} as models on names.model_key = models.model_key
),

holders as (
    select * from {{ ref('int_parent_name_holders') }}
),

own_names as (
    select
        declared.model_key,
        declared.parent_name
    from declared
    inner join holders
        on declared.model_key = holders.model_key and declared.parent_name = holders.model_id
),

candidates as (
    select
        declared.model_key,
        declared.parent_name,
        holders.model_key as parent_key,
        holders.created_at as parent_created_at,
        holders.last_seen_on,
        -- Nulls first; at the same instant the keys decide.
        coalesce(
            holders.created_at < declared.created_at,
            holders.created_at is null and declared.created_at is not null
        )
        or (
            coalesce(
                holders.created_at = declared.created_at,
                holders.created_at is null and declared.created_at is null
            )
            and holders.model_key < declared.model_key
        ) as is_earlier
    from declared
    inner join holders on declared.parent_name = holders.model_id
    left join own_names
        on declared.model_key = own_names.model_key and declared.parent_name = own_names.parent_name
    where own_names.model_key is null
),

-- What names no model that was ever seen begins a family, whenever it was created: an edge to it closes no circle.
with_parents as (
    select distinct model_key
    from candidates
),

ranked as (
    select
        candidates.model_key,
        candidates.parent_name,
        candidates.parent_key,
        candidates.is_earlier or with_parents.model_key is null as is_parent,
        row_number() over (
            partition by candidates.model_key, candidates.parent_name
            order by
                case when candidates.is_earlier then 0 when with_parents.model_key is null then 1 else 2 end,
                candidates.last_seen_on desc, candidates.parent_created_at desc, candidates.parent_key desc
        ) as preference
    from candidates
    left join with_parents on candidates.parent_key = with_parents.model_key
)

select
    declared.model_key,
    declared.parent_name,
    declared.relation,
    case
        when own_names.model_key is not null then 'own_name'
        when ranked.model_key is null then 'unresolved'
        when ranked.is_parent then 'edge'
        else 'out_of_order'
    end as outcome,
    case when ranked.is_parent then ranked.parent_key end as parent_key
from declared
left join own_names
    on declared.model_key = own_names.model_key and declared.parent_name = own_names.parent_name
left join ranked
    on
        declared.model_key = ranked.model_key
        and declared.parent_name = ranked.parent_name
        and ranked.preference = 1
