with

runs as (
    select
        model_id,
        hardware,
        chip_hours,
        training_year,
        published_cost_usd
    from {{ ref('published_training_runs') }}
),

-- A chip's low price is the lower one of the lowest on demand and the median of three-year contracts.
prices as (
    select
        hardware,
        year,
        least(ondemand_min, coalesce(cud3y_median, ondemand_min)) as usd_per_hour_low,
        ondemand_median as usd_per_hour_central,
        ondemand_max as usd_per_hour_high
    from {{ ref('cloud_prices') }}
),

-- Of two years equally near, the earlier.
priced as (
    select
        runs.model_id,
        runs.chip_hours * prices.usd_per_hour_low as cost_usd_low,
        runs.chip_hours * prices.usd_per_hour_central as cost_usd_central,
        runs.chip_hours * prices.usd_per_hour_high as cost_usd_high,
        row_number() over (
            partition by runs.model_id
            order by abs(prices.year - runs.training_year), prices.year
        ) as nearness
    from runs
    inner join prices on runs.hardware = prices.hardware
),

costs as (
    select
        runs.model_id,
        coalesce(priced.cost_usd_low, runs.published_cost_usd) as cost_usd_low,
        coalesce(priced.cost_usd_central, runs.published_cost_usd) as cost_usd_central,
        coalesce(priced.cost_usd_high, runs.published_cost_usd) as cost_usd_high,
        case when priced.model_id is not null then 'chip_hours' else 'published_sum' end as cost_basis
    from runs
    left join priced on runs.model_id = priced.model_id and priced.nearness = 1
)

select *
from costs
where cost_usd_central is not null
