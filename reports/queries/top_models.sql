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
    from intermediate.int_models
    where is_listed
),

most_downloaded as (
    select *
    from models
    where downloads is not null
    order by downloads desc, model_id
    limit 10
),

most_liked as (
    select *
    from models
    where likes is not null
    order by likes desc, model_id
    limit 10
),

top as (
    select * from most_downloaded
    union distinct
    select * from most_liked
)

select
    top.model_id,
    coalesce(tasks.task_name, top.task) as task_name,
    top.relation,
    top.parameters,
    top.parameter_use,
    top.downloads,
    top.likes,
    top.licence
from top
left join intermediate.int_tasks as tasks on top.task = tasks.declared_task
order by top.downloads desc, top.model_id
