-- Published runs first, whatever their size; then the estimate, where the number of parameters that work at a time is
-- known.
with

models as (
    select
        model_key,
        model_id,
        coalesce(publisher, '/' || model_key) as publisher_key,
        month,
        category,
        population,
        is_moe,
        is_repeated_size,
        parameters,
        {{ var('cost_follows') }} as costed_parameters
    from {{ ref('int_models') }}
    where month is not null and parameter_use = 'counted'
),

prices as (
    select * from {{ ref('int_compute_prices') }}
),

fits as (
    select * from {{ ref('int_training_cost_fits') }}
),

published as (
    select *
    from {{ ref('int_published_costs') }}
    where {{ var('use_published_runs') | lower }}
),

-- Outside of the sizes that a fit has seen, a model is drawn to the nearer bound.
drawn as (
    select
        models.*,
        -- Not least() of what may be null: DuckDB passes nulls over there.
        case
            when models.costed_parameters < fits.support_low then fits.support_low
            when models.costed_parameters > fits.support_high then fits.support_high
            else models.costed_parameters
        end as fitted_parameters,
        models.parameters >= {{ var('min_parameters_for_cost') }} as is_large_enough
    from models
    inner join fits on models.category = fits.category
)

select
    models.model_key,
    models.publisher_key,
    models.month,
    models.category,
    models.population,
    models.is_moe,
    models.is_repeated_size,
    models.parameters,
    {% for level in ['low', 'central', 'high'] -%}
        coalesce(
            published.cost_usd_{{ level }},
            case when models.is_large_enough then {{ training_cost(level, 'models.fitted_parameters') }} end
        ) as cost_usd_{{ level }},
    {% endfor -%}
    case
        when published.model_id is not null then 'published'
        when models.is_large_enough and models.costed_parameters is not null then 'estimated'
    end as cost_source,
    case
        when published.model_id is not null then true
        when models.is_large_enough then models.costed_parameters = models.fitted_parameters
    end as is_inside_support,
    published.model_id is null and models.is_large_enough and models.costed_parameters is null
        as is_active_unknown
from drawn as models
inner join prices on models.month = prices.month
inner join fits on models.category = fits.category
left join published on models.model_id = published.model_id
