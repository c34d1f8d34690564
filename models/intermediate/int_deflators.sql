-- A view: a few rows of a seed.
{{ config(materialized='view') }}

with

months as (
    select month from {{ ref('int_months') }}
),

prices as (
    select
        month,
        price_index
    from {{ ref('producer_prices') }}
),

bounds as (
    select
        min(month) as first_month,
        max(month) as last_month
    from prices
),

base as (
    select avg(price_index) as price_index_2023
    from prices
    where extract(year from month) = 2023
)

-- Before the first month of the series and after the last, the index is flat.
select
    months.month,
    base.price_index_2023 / prices.price_index as usd_2023_per_usd
from months
cross join bounds
cross join base
inner join prices
    on prices.month = greatest(least(months.month, bounds.last_month), bounds.first_month)
