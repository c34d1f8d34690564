with

all_models as (
    select
        {{ week_start('cast(created_at as date)') }} as week,
        count(*) as models
    from {{ ref('int_models') }}
    where not is_left_censored
    group by week
)

select
    weeks.week,
    weeks.is_complete_week,
    weeks.is_after_chatgpt,
    weeks.new_models,
    weeks.cumulative_models,
    cast(coalesce(all_models.models, 0) as int64) as all_models,
    cast(weeks.new_models / nullif(all_models.models, 0) as {{ type_double() }}) as share_of_all
from {{ ref('text_generation_weekly') }} as weeks
left join all_models on weeks.week = all_models.week
