-- Every id that a model or dataset may declare, beside the task that it is counted under.
{{ config(materialized='view') }}

with

tasks as (
    select
        task_id as task,
        task_name,
        category,
        category_name
    from {{ ref('tasks') }}
),

aliases as (
    select
        aliases.task_id as declared_task,
        tasks.task,
        tasks.task_name,
        tasks.category,
        tasks.category_name
    from {{ ref('task_aliases') }} as aliases
    inner join tasks on aliases.maps_to = tasks.task
),

not_declared as (
    select
        category as task,
        category_name as task_name,
        category,
        category_name
    from {{ ref('categories') }}
    where category = 'not-declared'
)

select
    task as declared_task,
    *
from tasks
union all
select * from aliases
union all
select
    task as declared_task,
    *
from not_declared
