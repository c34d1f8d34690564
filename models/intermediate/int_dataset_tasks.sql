with

tag_sets as (
    select distinct tag_set
    from {{ ref('int_dataset_tag_sets') }}
),

declared as (
    select distinct
        tags.tag_set,
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
    tag_sets.tag_set,
    'not-declared' as task,
    false as is_declared
from tag_sets
left join declared on tag_sets.tag_set = declared.tag_set
where declared.tag_set is null
