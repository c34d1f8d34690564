with

tag_sets as (
    select distinct tag_set_key
    from {{ ref('int_dataset_tag_keys') }}
),

declared as (
    select distinct
        tags.tag_set_key,
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
    tag_sets.tag_set_key,
    'not-declared' as task,
    false as is_declared
from tag_sets
left join declared on tag_sets.tag_set_key = declared.tag_set_key
where declared.tag_set_key is null
