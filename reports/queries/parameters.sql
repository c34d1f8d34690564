-- The headline is no_known_parent where parents are declared, and all before.
select
    month,
    population,
    case when is_relation_reliable then 'no_known_parent' else 'all' end = population as is_headline,
    is_complete_month,
    new_models,
    models_with_parameters,
    coverage,
    is_low_reliability,
    publishers,
    share_repeated_size,
    median_parameters,
    median_parameters_ci_low,
    median_parameters_ci_high,
    models_first_of_size,
    median_parameters_first_of_size,
    p25_parameters,
    p75_parameters,
    mean_parameters,
    geometric_mean_parameters,
    raw_mean_parameters
from marts.average_model_parameters
where scope = 'all' and population in ('all', 'no_known_parent')
order by month, population
