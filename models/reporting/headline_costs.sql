-- The rows of the two tables of costs that are to be quoted, side by side.
with

first_month as (
    select constant_recipe_usd_central
    from {{ ref('training_cost_per_million_parameters') }}
    where is_headline
    order by month
    limit 1
)

select
    costs.month,
    costs.population,
    costs.is_complete_month,
    costs.is_extrapolated,
    costs.new_models,
    costs.models_with_cost,
    costs.coverage,
    costs.models_outside_support,
    costs.publishers,
    costs.share_repeated_size,
    costs.mean_cost_usd_central,
    costs.median_cost_usd_low,
    costs.median_cost_usd_central,
    costs.median_cost_usd_high,
    costs.median_cost_first_of_size_usd_central,
    costs.share_published,
    costs.share_moe,
    per_million.cost_per_million_usd_central,
    per_million.cost_per_million_first_of_size_usd_central,
    per_million.median_cost_per_million_usd_low,
    per_million.median_cost_per_million_usd_central,
    per_million.median_cost_per_million_usd_high,
    per_million.constant_recipe_usd_central,
    {% for level in ['low', 'central', 'high'] -%}
        cast(
            100 * per_million.constant_recipe_usd_{{ level }} / first_month.constant_recipe_usd_central
            as {{ type_double() }}
        ) as price_index_{{ level }},
    {% endfor -%}
    costs.is_low_reliability
from {{ ref('average_training_costs') }} as costs
inner join {{ ref('training_cost_per_million_parameters') }} as per_million
    on
        costs.month = per_million.month
        and costs.scope = per_million.scope
        and costs.population = per_million.population
cross join first_month
where costs.is_headline
