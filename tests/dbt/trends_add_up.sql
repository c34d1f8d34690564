-- Every listed text-generation model is in one class or has no downloads; weeks grow by the new ones; shares add up.
with

classes as (
    select
        sum(models) as models,
        sum(share) as share
    from {{ ref('text_generation_popularity') }}
),

listed as (
    select count(popularity_class) as models
    from {{ ref('text_generation_models') }}
),

weeks as (
    select
        cumulative_models - new_models as models_before,
        lag(cumulative_models) over (order by week) as last_cumulative_models,
        lag(week) over (order by week) as last_week,
        week
    from {{ ref('text_generation_weekly') }}
),

sources as (
    select
        month,
        sum(share) as share
    from {{ ref('parameter_sources_by_month') }}
    group by month
)

select 'classes' as what
from classes
cross join listed
where classes.models <> listed.models or abs(classes.share - 1) > 1e-9
union all
select 'weeks' as what
from weeks
where models_before <> last_cumulative_models or {{ dbt.dateadd('day', 7, 'last_week') }} <> week
union all
select 'sources' as what
from sources
where abs(share - 1) > 1e-9
