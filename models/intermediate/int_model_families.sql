with

lineage as (
    select
        model_key,
        ancestor_key as root_key,
        case when is_root then fraction else fraction_not_followed end as fraction
    from {{ ref('int_lineage') }}
    -- What is too far away to be followed up to a root ends there.
    where is_root or fraction_not_followed is not null
),

with_parents as (
    select distinct model_key
    from {{ ref('int_lineage_edges') }}
)

select
    models.model_key,
    models.model_key as root_key,
    cast(1 as {{ type_double() }}) as fraction
from {{ ref('int_models') }} as models
left join with_parents on models.model_key = with_parents.model_key
where with_parents.model_key is null
union all
select
    model_key,
    root_key,
    fraction
from lineage
