with

days as (
    select
        cast(created_at as date) as day,
        count(*) as models
    from intermediate.int_models
    where month is not null
    group by day
),

all_models as (
    select
        weeks.week,
        sum(days.models) as models
    from trends.text_generation_weekly as weeks
    cross join days
    where days.day >= weeks.week and days.day < date_add(weeks.week, interval 7 day)
    group by weeks.week
)

select
    weeks.week,
    weeks.new_models,
    cast(coalesce(all_models.models, 0) as int64) as all_models,
    weeks.new_models / nullif(all_models.models, 0) as share_of_all,
    weeks.cumulative_models,
    weeks.is_after_chatgpt,
    weeks.is_complete_week
from trends.text_generation_weekly as weeks
left join all_models on weeks.week = all_models.week
order by weeks.week
