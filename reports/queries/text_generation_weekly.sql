select
    week,
    new_models,
    cumulative_models,
    is_after_chatgpt,
    is_complete_week
from trends.text_generation_weekly
order by week
