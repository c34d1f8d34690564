with

models as (
    select
        model_key,
        model_id,
        month,
        category,
        population,
        is_moe,
        parameters
    from {{ ref('int_models') }}
    where
        month is not null
        and parameter_use = 'counted'
        and parameters >= {{ var('min_parameters_for_cost') }}
),

prices as (
    select * from {{ ref('int_compute_prices') }}
),

fits as (
    select * from {{ ref('int_training_cost_fits') }}
),

published as (
    select * from {{ ref('int_published_costs') }}
)

select
    models.model_key,
    models.month,
    models.category,
    models.population,
    models.is_moe,
    models.parameters,
    {% for level in ['low', 'central', 'high'] -%}
        coalesce(
            published.cost_usd_{{ level }},
            {{ training_cost(level, 'models.parameters') }}
        ) as cost_usd_{{ level }},
    {% endfor -%}
    case when published.model_id is not null then 'published' else 'estimated' end as cost_source
from models
inner join prices on models.month = prices.month
inner join fits on models.category = fits.category
left join published on models.model_id = published.model_id
