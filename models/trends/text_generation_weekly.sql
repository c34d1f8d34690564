with

by_week as (
    select
        week,
        count(*) as models
    from {{ ref('int_text_generation_models') }}
    group by week
),

-- The left-censored have no week.
stock as (
    select coalesce(max(models), 0) as models
    from by_week
    where week is null
),

bounds as (
    select
        min(week) as first_week,
        max(week) as last_week
    from by_week
),

weeks as (
    {{ date_series('week', 'first_week', 'last_week', 'bounds') }}
),

newest_snapshot as (
    select snapshot_date
    from {{ ref('int_snapshots') }}
    where kind = 'models' and is_newest
),

counted as (
    select
        weeks.week,
        newest_snapshot.snapshot_date,
        coalesce(by_week.models, 0) as new_models,
        stock.models as stock
    from weeks
    cross join newest_snapshot
    cross join stock
    left join by_week on weeks.week = by_week.week
)

select
    week,
    cast(new_models as int64) as new_models,
    cast(stock + sum(new_models) over (order by week rows between unbounded preceding and current row) as int64)
        as cumulative_models,
    week >= cast('{{ var("chatgpt_released_on") }}' as date) as is_after_chatgpt,
    cast({{ dbt.dateadd('day', 7, 'week') }} as date) <= snapshot_date as is_complete_week,
    snapshot_date
from counted
