-- Every listed text-generation model is in one class or has no downloads; weeks grow by the new ones, up to all models;
-- the sources of a month hold its new models and its counted ones; shares add up.
with

classes as (
    select
        sum(models) as models,
        {{ sum_of_counts('downloads') }} as downloads,
        sum(share) as share,
        sum(share_of_downloads) as share_of_downloads
    from {{ ref('text_generation_popularity') }}
),

listed as (
    select
        count(popularity_class) as models,
        {{ sum_of_counts('downloads') }} as downloads
    from {{ ref('text_generation_models') }}
),

weeks as (
    select
        week,
        cumulative_models,
        cumulative_models - new_models as models_before,
        lag(cumulative_models) over (order by week) as last_cumulative_models,
        lag(week) over (order by week) as last_week
    from {{ ref('text_generation_weekly') }}
),

models as (
    select count(*) as models
    from {{ ref('int_text_generation_models') }}
),

sources as (
    select
        month,
        sum(share) as share,
        sum(models) as models,
        sum(counted_models) as counted_models
    from {{ ref('parameter_sources_by_month') }}
    group by month
),

months as (
    select
        month,
        new_models,
        models_with_parameters
    from {{ ref('average_model_parameters') }}
    where scope = 'all' and population = 'all'
)

select 'classes' as what
from classes
cross join listed
where
    classes.models <> listed.models
    or classes.downloads <> listed.downloads
    or abs(classes.share - 1) > 1e-9
    or abs(classes.share_of_downloads - 1) > 1e-9
union all
select 'weeks' as what
from weeks
where models_before <> last_cumulative_models or {{ dbt.dateadd('day', 7, 'last_week') }} <> week
union all
select 'last week' as what
from models
cross join weeks
group by models.models
having max(weeks.cumulative_models) <> models.models
union all
select 'sources' as what
from sources
full outer join months on sources.month = months.month
where
    coalesce(sources.models, 0) <> coalesce(months.new_models, 0)
    or coalesce(sources.counted_models, 0) <> coalesce(months.models_with_parameters, 0)
    or abs(sources.share - 1) > 1e-9
