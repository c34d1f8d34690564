with

models as (
    select
        model_id,
        task,
        relation,
        parameters,
        parameter_use,
        licence,
        downloads,
        likes
    from {{ ref('int_models') }}
    where is_listed
),

-- Sorted and cut, not ranked: a rank over millions of models needs all of them in one place.
most_downloaded as (
    select *
    from models
    where downloads is not null
    order by downloads desc, model_id
    limit {{ var('shown_models') }}
),

most_liked as (
    select *
    from models
    where likes is not null
    order by likes desc, model_id
    limit {{ var('shown_models') }}
),

top as (
    select * from most_downloaded
    union distinct
    select * from most_liked
),

ranked as (
    select
        *,
        row_number() over (order by downloads desc nulls last, model_id) as place_by_downloads,
        row_number() over (order by likes desc nulls last, model_id) as place_by_likes
    from top
)

select
    ranked.model_id,
    cast(
        case
            when ranked.downloads is not null and ranked.place_by_downloads <= {{ var('shown_models') }}
                then ranked.place_by_downloads
        end as int64
    ) as download_rank,
    cast(
        case
            when ranked.likes is not null and ranked.place_by_likes <= {{ var('shown_models') }}
                then ranked.place_by_likes
        end as int64
    ) as like_rank,
    coalesce(tasks.task_name, ranked.task) as task_name,
    ranked.relation,
    ranked.parameters,
    ranked.parameter_use,
    ranked.downloads,
    ranked.likes,
    ranked.licence
from ranked
left join {{ ref('int_tasks') }} as tasks on ranked.task = tasks.declared_task
