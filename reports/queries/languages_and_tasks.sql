-- The cells of the ten largest languages and the eight largest tasks. Of equally large ones the first in the
-- alphabet: sums are rounded, since their last digits depend on the order of the rows.
with

newest as (
    select max(snapshot_date) as snapshot_date
    from marts.datasets_by_language_and_task
),

cells as (
    select cells.*
    from marts.datasets_by_language_and_task as cells
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
    languages.language_rank,
    tasks.task_rank,
    cells.language_name,
    cells.task_name,
    cells.datasets,
    cells.monolingual_datasets,
    cells.open_licence_datasets
from cells
inner join languages on cells.language = languages.language
inner join tasks on cells.task = tasks.task
where languages.language_rank <= 10 and tasks.task_rank <= 8
order by languages.language_rank, tasks.task_rank
