select
    month,
    category,
    category_name,
    is_complete_month,
    cast(sum(new_models) as int64) as new_models,
    sum(share_of_declared) as share_of_declared,
    sum(share_of_all) as share_of_all
from marts.new_models_by_intended_use
group by month, category, category_name, is_complete_month
order by month, category
