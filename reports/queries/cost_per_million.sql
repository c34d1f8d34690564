-- The headline is no_known_parent where parents are declared, and all before.
select
    month,
    population,
    is_complete_month,
    is_extrapolated,
    models_with_cost,
    median_cost_per_million_usd_low,
    median_cost_per_million_usd_central,
    median_cost_per_million_usd_high,
    cost_per_million_usd_central,
    constant_recipe_usd_low,
    constant_recipe_usd_central,
    constant_recipe_usd_high
from marts.training_cost_per_million_parameters
where
    scope = 'all'
    and population = case when is_relation_reliable then 'no_known_parent' else 'all' end
order by month
