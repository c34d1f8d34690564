select
    month,
    category,
    category_name,
    is_complete_month,
    cast(sum(new_models) as int64) as new_models,
    -- Sums depend in their last digits on the order of the rows, which is none.
    cast(round(sum(share_of_declared), 12) as {{ type_double() }}) as share_of_declared,
    cast(round(sum(share_of_all), 12) as {{ type_double() }}) as share_of_all
from {{ ref('new_models_by_intended_use') }}
group by month, category, category_name, is_complete_month
