with

listings as (
    select * from {{ ref('int_datasets') }}
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
        listings.snapshot_date,
        dataset_languages.language,
        dataset_tasks.task,
        count(*) as datasets,
        sum(1 / (greatest(listings.languages, 1) * greatest(listings.tasks, 1)))
            as datasets_fractional,
        count(case when listings.languages = 1 then 1 end) as monolingual_datasets,
        count(case when listings.has_open_licence then 1 end) as open_licence_datasets
    from listings
    inner join dataset_languages
        on
            listings.snapshot_date = dataset_languages.snapshot_date
            and listings.dataset_key = dataset_languages.dataset_key
    inner join dataset_tasks
        on
            listings.snapshot_date = dataset_tasks.snapshot_date
            and listings.dataset_key = dataset_tasks.dataset_key
    group by listings.snapshot_date, dataset_languages.language, dataset_tasks.task
)

select
    cells.snapshot_date,
    cells.language,
    languages.language_name,
    languages.language_kind,
    cells.task,
    coalesce(tasks.task_name, cells.task) as task_name,
    cells.datasets,
    cast(cells.datasets_fractional as {{ type_double() }}) as datasets_fractional,
    cells.monolingual_datasets,
    cells.open_licence_datasets,
    {{ method_version() }} as method_version
from cells
inner join languages on cells.language = languages.language
left join tasks on cells.task = tasks.declared_task
