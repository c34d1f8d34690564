with

listings as (
    select
        snapshot_date,
        dataset_key
    from {{ ref('int_dataset_listings') }}
),

declared as (
    select distinct
        tags.snapshot_date,
        tags.dataset_key,
        coalesce(tasks.task, tags.value) as task
    from {{ ref('int_dataset_tags') }} as tags
    left join {{ ref('int_tasks') }} as tasks on tags.value = tasks.declared_task
    where tags.family = 'task_categories'
)

select
    *,
    true as is_declared
from declared
union all
select
    listings.snapshot_date,
    listings.dataset_key,
    'not-declared' as task,
    false as is_declared
from listings
left join declared
    on
        listings.snapshot_date = declared.snapshot_date
        and listings.dataset_key = declared.dataset_key
where declared.dataset_key is null
