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

months as (
    select
        months.month,
        months.decimal_year,
        prices.usd_per_1e21_flop_low,
        prices.usd_per_1e21_flop_central,
        prices.usd_per_1e21_flop_high
    from {{ ref('int_months') }} as months
    inner join {{ ref('int_compute_prices') }} as prices on months.month = prices.month
),

fits as (
    select * from {{ ref('training_cost_fits') }}
),

-- Every category has a fit: its own, or the one of models of any domain.
category_fits as (
    select
        {% for column in ['a', 'b', 'c', 'residual_low_dex', 'residual_high_dex'] -%}
            coalesce(own.{{ column }}, fallback.{{ column }}) as {{ column }},
        {% endfor -%}
        categories.category
    from {{ ref('categories') }} as categories
    left join fits as own on categories.category = own.category
    cross join fits as fallback
    where fallback.category = 'default'
),

published as (
    select * from {{ ref('int_published_costs') }}
),

estimated as (
    select
        models.*,
        months.usd_per_1e21_flop_low,
        months.usd_per_1e21_flop_central,
        months.usd_per_1e21_flop_high,
        fits.residual_low_dex,
        fits.residual_high_dex,
        {{ training_flop('models.parameters', 'months.decimal_year', 'fits') }} as flop
    from models
    inner join months on models.month = months.month
    inner join category_fits as fits on models.category = fits.category
)

select
    estimated.model_key,
    estimated.month,
    estimated.category,
    estimated.population,
    estimated.is_moe,
    estimated.parameters,
    case when published.model_id is not null then 'published' else 'estimated' end as cost_source,
    coalesce(
        published.cost_usd_low,
        estimated.flop * pow(10, estimated.residual_low_dex) / 1e21 * estimated.usd_per_1e21_flop_low
    ) as cost_usd_low,
    coalesce(
        published.cost_usd_central,
        estimated.flop / 1e21 * estimated.usd_per_1e21_flop_central
    ) as cost_usd_central,
    coalesce(
        published.cost_usd_high,
        estimated.flop * pow(10, estimated.residual_high_dex) / 1e21 * estimated.usd_per_1e21_flop_high
    ) as cost_usd_high
from estimated
left join published on estimated.model_id = published.model_id
