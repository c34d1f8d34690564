-- The estimate where it is not needed, so that it can be judged.
with

runs as (
    select
        model_id,
        category,
        parameters,
        cast({{ dbt.date_trunc('month', 'released_on') }} as date) as month
    from {{ ref('published_training_runs') }}
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
    runs.model_id,
    runs.month,
    runs.category,
    runs.parameters,
    {% for level in ['low', 'central', 'high'] -%}
        {{ training_cost(level, 'runs.parameters') }} as estimated_cost_usd_{{ level }},
    {% endfor -%}
    published.cost_usd_central as published_cost_usd
from runs
inner join published on runs.model_id = published.model_id
inner join prices on runs.month = prices.month
inner join fits on runs.category = fits.category
