select month
from {{ ref('training_cost_per_million_parameters') }}
group by month
having
    min(constant_recipe_usd_low) <> max(constant_recipe_usd_low)
    or min(constant_recipe_usd_central) <> max(constant_recipe_usd_central)
    or min(constant_recipe_usd_high) <> max(constant_recipe_usd_high)
