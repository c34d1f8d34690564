-- Of equally large ones the first in the alphabet. Sums are rounded, since their last digits depend on the order of
-- the rows.
with

newest as (
    select max(snapshot_date) as snapshot_date
    from {{ ref('datasets_by_language_and_task') }}
),

cells as (
    select cells.*
    from {{ ref('datasets_by_language_and_task') }} as cells
    inner join newest on cells.snapshot_date = newest.snapshot_date
    where cells.language_kind in ('iso', 'unrecognised') and cells.task <> 'not-declared'
),

languages as (
    select
        language,
        row_number() over (order by round(sum(datasets_fractional), 9) desc, language) as language_rank
    from cells
    group by language
),

tasks as (
    select
        task,
        row_number() over (order by round(sum(datasets_fractional), 9) desc, task) as task_rank
    from cells
    group by task
)

select
    cells.language,
    cells.language_name,
    cast(languages.language_rank as int64) as language_rank,
    cells.task,
    cells.task_name,
    cast(tasks.task_rank as int64) as task_rank,
    cells.datasets,
    cells.monolingual_datasets,
    cells.open_licence_datasets
from cells
inner join languages on cells.language = languages.language
inner join tasks on cells.task = tasks.task
where
    languages.language_rank <= {{ var('shown_languages') }}
    and tasks.task_rank <= {{ var('shown_tasks') }}
