-- The estimate where it is not needed, so that it can be judged.
with

runs as (
    select
        model_id,
        category,
        parameters,
        active_parameters,
        cast({{ dbt.date_trunc('month', 'released_on') }} as date) as month
    from {{ ref('published_training_runs') }}
    where released_on is not null and active_parameters is not null
),

prices as (
    select * from {{ ref('int_compute_prices') }}
),

fits as (
    select * from {{ ref('int_training_cost_fits') }}
),

published as (
    select * from {{ ref('int_published_costs') }}
),

drawn as (
    select
        runs.*,
        least(greatest(runs.active_parameters, fits.support_low), fits.support_high) as fitted_parameters
    from runs
    inner join fits on runs.category = fits.category
)

select
    runs.model_id,
    runs.month,
    runs.category,
    runs.parameters,
    runs.active_parameters,
    runs.active_parameters = runs.fitted_parameters as is_inside_support,
    published.cost_basis,
    {% for level in ['low', 'central', 'high'] -%}
        {{ training_cost(level, 'runs.fitted_parameters') }} as estimated_cost_usd_{{ level }},
    {% endfor -%}
    published.cost_usd_central as published_cost_usd
from drawn as runs
inner join published on runs.model_id = published.model_id
inner join prices on runs.month = prices.month
inner join fits on runs.category = fits.category
