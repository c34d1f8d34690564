-- An unknown task is counted under its own name, in the category other, until it has a row in seeds/tasks.csv.
with

declared as (
    select
        'models' as kind,
        task,
        count(*) as repositories
    from {{ ref('int_models') }}
    where is_listed
    group by task
    union all
    select
        'datasets' as kind,
        dataset_tasks.task,
        sum(dataset_groups.datasets) as repositories
    from {{ ref('int_dataset_tasks') }} as dataset_tasks
    inner join {{ ref('int_dataset_groups') }} as dataset_groups
        on dataset_tasks.tag_set_key = dataset_groups.tag_set_key
    inner join {{ ref('int_snapshots') }} as snapshots
        on dataset_groups.snapshot_date = snapshots.snapshot_date
    where snapshots.kind = 'datasets' and snapshots.is_newest
    group by dataset_tasks.task
)

select
    'The task ' || declared.task || ' of ' || cast(declared.repositories as {{ dbt.type_string() }}) || ' '
    || declared.kind || ' is not in seeds/tasks.csv or seeds/task_aliases.csv.' as reason
from declared
left join {{ ref('int_tasks') }} as tasks on declared.task = tasks.declared_task
where tasks.declared_task is null and declared.repositories >= {{ var('unknown_from_repositories') }}
