with

months as (
    select * from {{ ref('int_months') }}
),

tasks as (
    select * from {{ ref('int_tasks') }}
),

categories as (
    select * from {{ ref('categories') }}
),

models as (
    select
        month,
        category,
        task,
        count(*) as models
    from {{ ref('int_models') }}
    where month is not null
    group by month, category, task
),

-- Every month has its row not-declared, 0 where every model has a task.
counted as (
    select *
    from models
    where task <> 'not-declared'
    union all
    select
        months.month,
        'not-declared' as category,
        'not-declared' as task,
        coalesce(models.models, 0) as models
    from months
    left join models on months.month = models.month and models.task = 'not-declared'
),

totals as (
    select
        month,
        sum(models) as models,
        sum(case when task <> 'not-declared' then models end) as declared_models
    from counted
    group by month
)

select
    counted.month,
    counted.category,
    categories.category_name,
    counted.task,
    coalesce(tasks.task_name, counted.task) as task_name,
    months.is_complete_month,
    cast(counted.models as int64) as new_models,
    cast(
        case when counted.task <> 'not-declared' then counted.models / totals.declared_models end
        as {{ type_double() }}
    ) as share_of_declared,
    cast(counted.models / nullif(totals.models, 0) as {{ type_double() }}) as share_of_all,
    {{ observation_status('months.is_complete_month') }} as observation_status,
    months.snapshot_date,
    {{ method_version() }} as method_version
from counted
inner join totals on counted.month = totals.month
inner join months on counted.month = months.month
inner join categories on counted.category = categories.category
left join tasks on counted.task = tasks.declared_task
