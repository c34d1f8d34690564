with

months_with_a_cost as (
    select month
    from {{ ref('int_months') }}
    union distinct
    select cast({{ dbt.date_trunc('month', 'released_on') }} as date) as month
    from {{ ref('published_training_runs') }}
    where released_on is not null
),

months as (
    select
        month,
        extract(year from month) + (extract(month from month) - 0.5) / 12 as decimal_year
    from months_with_a_cost
),

prices as (
    select
        year,
        usd_per_1e21_flop_low,
        usd_per_1e21_flop_central,
        usd_per_1e21_flop_high
    from {{ ref('compute_prices') }}
),

-- A year's price stands at its middle. Before the first middle and after the last the price is flat.
price_range as (
    select
        min(year) + 0.5 as first_middle,
        max(year) + 0.5 as last_middle
    from prices
),

placed as (
    select
        months.month,
        months.decimal_year,
        greatest(
            least(months.decimal_year, price_range.last_middle), price_range.first_middle
        ) - 0.5 as years
    from months
    cross join price_range
),

split as (
    select
        month,
        decimal_year,
        cast(floor(years) as int64) as year_before,
        years - floor(years) as share_of_year_after
    from placed
)

select
    {% for level, price_level in {'low': 'low', 'central': var('central_price'), 'high': 'high'}.items() -%}
        {% set price = 'usd_per_1e21_flop_' ~ price_level -%}
        {{ interpolate_logarithm(
            'price_before.' ~ price,
            'coalesce(price_after.' ~ price ~ ', price_before.' ~ price ~ ')',
            'split.share_of_year_after'
        ) }} as usd_per_1e21_flop_{{ level }},
    {% endfor -%}
    split.month,
    split.decimal_year
from split
inner join prices as price_before on split.year_before = price_before.year
left join prices as price_after on split.year_before + 1 = price_after.year
