-- The headline is no_known_parent where parents are declared, and all before.
select
    month,
    population,
    is_complete_month,
    is_extrapolated,
    new_models,
    models_with_cost,
    coverage,
    is_low_reliability,
    publishers,
    share_repeated_size,
    models_outside_support,
    models_active_unknown,
    median_cost_usd_low,
    median_cost_usd_central,
    median_cost_usd_high,
    median_cost_usd_central_ci_low,
    median_cost_usd_central_ci_high,
    mean_cost_usd_central,
    models_first_of_size,
    median_cost_first_of_size_usd_central,
    share_published,
    share_moe
from marts.average_training_costs
where
    scope = 'all'
    and population = case when is_relation_reliable then 'no_known_parent' else 'all' end
order by month
