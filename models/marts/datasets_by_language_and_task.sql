with

dataset_groups as (
    select * from {{ ref('int_dataset_groups') }}
),

dataset_languages as (
    select * from {{ ref('int_dataset_languages') }}
),

dataset_tasks as (
    select * from {{ ref('int_dataset_tasks') }}
),

languages as (
    select * from {{ ref('int_languages') }}
),

tasks as (
    select * from {{ ref('int_tasks') }}
),

cells as (
    select
        dataset_groups.snapshot_date,
        dataset_languages.language,
        dataset_tasks.task,
        sum(dataset_groups.datasets) as datasets,
        {{ exact_sum(
            'dataset_groups.datasets / (greatest(dataset_groups.languages, 1) * greatest(dataset_groups.tasks, 1))'
        ) }} as datasets_fractional,
        sum(case when dataset_groups.languages = 1 then dataset_groups.datasets else 0 end)
            as monolingual_datasets,
        sum(case when dataset_groups.has_open_licence then dataset_groups.datasets else 0 end)
            as open_licence_datasets
    from dataset_groups
    inner join dataset_languages on dataset_groups.tag_set_key = dataset_languages.tag_set_key
    inner join dataset_tasks on dataset_groups.tag_set_key = dataset_tasks.tag_set_key
    group by dataset_groups.snapshot_date, dataset_languages.language, dataset_tasks.task
)

select
    cells.snapshot_date,
    cells.language,
    languages.language_name,
    languages.language_kind,
    cells.task,
    coalesce(tasks.task_name, cells.task) as task_name,
    cast(cells.datasets as int64) as datasets,
    cast(cells.datasets_fractional as {{ type_double() }}) as datasets_fractional,
    cast(cells.monolingual_datasets as int64) as monolingual_datasets,
    cast(cells.open_licence_datasets as int64) as open_licence_datasets,
    'A' as observation_status,
    {{ method_version() }} as method_version
from cells
inner join languages on cells.language = languages.language
left join tasks on cells.task = tasks.declared_task
