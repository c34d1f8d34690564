select
    month,
    population,
    is_relation_reliable,
    is_complete_month,
    new_models,
    removed_models,
    models_ever_downloaded,
    cumulative_models,
    new_models_year_before,
    year_over_year_change,
    publishers,
    top_publisher,
    top_publisher_share,
    method_version
from marts.new_models
order by month, population
