-- A view: int_models alone reads it.
{{ config(materialized='view') }}

with

recurring_names as (
    select * from {{ ref('int_recurring_names') }}
),

parents as (
    select * from {{ ref('int_declared_parents') }}
),

models as (
    select
        models.model_key,
        models.created_at,
        models.moe_source,
        models.reported_active_parameters,
        models.active_parameters_by_name,
        models.exact_parameters,
        models.gguf_parameters,
        models.parameter_use,
        cast(models.parameters as {{ type_double() }}) as parameters
    from {{ ref('int_model_parameters') }} as models
    left join recurring_names on models.model_key = recurring_names.model_key
    where coalesce(recurring_names.is_newest_holder, true)
),

children_of_mixtures as (
    select distinct parents.model_key
    from parents
    inner join models on parents.parent_key = models.model_key
    where models.moe_source is not null
),

-- A number that is larger than the whole model is passed over, here and below.
with_own_active as (
    select
        models.*,
        coalesce(
            models.moe_source,
            case when children_of_mixtures.model_key is not null then 'parent' end
        ) as final_moe_source,
        case
            when models.reported_active_parameters <= models.parameters
                then models.reported_active_parameters
            when models.moe_source is null and children_of_mixtures.model_key is null
                then models.parameters
            when models.active_parameters_by_name < models.parameters
                then models.active_parameters_by_name
        end as own_active_parameters
    from models
    left join children_of_mixtures on models.model_key = children_of_mixtures.model_key
),

shared_by_parents as (
    select
        parents.model_key,
        min(known.own_active_parameters) as active_parameters
    from parents
    inner join with_own_active as known on parents.parent_key = known.model_key
    where known.own_active_parameters is not null
    group by parents.model_key
    having min(known.own_active_parameters) = max(known.own_active_parameters)
),

with_parents_active as (
    select
        models.*,
        coalesce(
            models.own_active_parameters,
            case
                when shared_by_parents.active_parameters <= models.parameters
                    then shared_by_parents.active_parameters
            end
        ) as known_active_parameters
    from with_own_active as models
    left join shared_by_parents on models.model_key = shared_by_parents.model_key
),

shared_by_size as (
    select
        exact_parameters,
        min(known_active_parameters) as active_parameters
    from with_parents_active
    where
        exact_parameters is not null
        and final_moe_source is not null
        and known_active_parameters is not null
    group by exact_parameters
    having min(known_active_parameters) = max(known_active_parameters)
),

-- Of several parents, the one that was created first.
sizes_of_parents as (
    select
        parents.model_key,
        models.parameters,
        row_number() over (
            partition by parents.model_key
            order by models.created_at nulls first, models.model_key
        ) as seniority
    from parents
    inner join models on parents.parent_key = models.model_key
    where models.parameter_use = 'counted'
),

ages_of_sizes as (
    select
        model_key,
        row_number() over (
            partition by exact_parameters
            order by created_at nulls first, model_key
        ) as seniority
    from models
    where exact_parameters is not null
),

compared as (
    select
        models.model_key,
        models.final_moe_source as moe_source,
        cast(
            coalesce(
                models.known_active_parameters,
                case
                    when models.final_moe_source is not null and shared_by_size.active_parameters <= models.parameters
                        then shared_by_size.active_parameters
                end
            ) as int64
        ) as active_parameters,
        coalesce(ages_of_sizes.seniority > 1, false) as is_repeated_size,
        case
            when models.parameter_use = 'counted' then models.parameters
            -- Of a packed file too: it counts parameters, and not the numbers that they are stored in.
            else coalesce(models.gguf_parameters, sizes_of_parents.parameters)
        end as effective_parameters
    from with_parents_active as models
    left join shared_by_size on models.exact_parameters = shared_by_size.exact_parameters
    left join ages_of_sizes on models.model_key = ages_of_sizes.model_key
    left join sizes_of_parents
        on models.model_key = sizes_of_parents.model_key and sizes_of_parents.seniority = 1
)

select
    model_key,
    moe_source,
    active_parameters,
    cast(effective_parameters as int64) as effective_parameters,
    case
        {% for billions, band in size_bands() -%}
            when effective_parameters >= {{ billions }}e9 then '{{ band }}'
        {% endfor -%}
        else 'not-known'
    end as size_band,
    is_repeated_size
from compared
