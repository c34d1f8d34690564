-- The headline is no_known_parent where parents are declared, and all before. The table of costs has the models that it rests on.
select
    per_million.month,
    per_million.population,
    per_million.is_complete_month,
    per_million.is_extrapolated,
    per_million.is_low_reliability,
    per_million.models_with_cost,
    costs.share_repeated_size,
    per_million.median_cost_per_million_usd_low,
    per_million.median_cost_per_million_usd_central,
    per_million.median_cost_per_million_usd_high,
    per_million.cost_per_million_usd_central,
    per_million.cost_per_million_first_of_size_usd_central,
    per_million.constant_recipe_usd_low,
    per_million.constant_recipe_usd_central,
    per_million.constant_recipe_usd_high
from marts.training_cost_per_million_parameters as per_million
inner join marts.average_training_costs as costs
    on
        per_million.month = costs.month
        and per_million.scope = costs.scope
        and per_million.population = costs.population
where
    per_million.scope = 'all'
    and per_million.population = case when per_million.is_relation_reliable then 'no_known_parent' else 'all' end
order by per_million.month
