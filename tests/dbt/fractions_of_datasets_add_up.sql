-- Each dataset is divided without a remainder: the cells of a snapshot add up to its datasets, and the
-- shares of languages to one.
with

snapshots as (
    select
        snapshot_date,
        sum(datasets) as datasets,
        sum(case when languages > 0 then datasets else 0 end) as datasets_declared
    from {{ ref('int_dataset_groups') }}
    group by snapshot_date
),

cells as (
    select
        snapshot_date,
        sum(datasets_fractional) as datasets
    from {{ ref('datasets_by_language_and_task') }}
    group by snapshot_date
),

languages as (
    select
        snapshot_date,
        sum(datasets_fractional) as datasets_declared,
        sum(share_fractional) as share_fractional
    from {{ ref('dataset_share_by_language') }}
    group by snapshot_date
)

select
    snapshots.snapshot_date,
    snapshots.datasets,
    cells.datasets as datasets_in_cells,
    snapshots.datasets_declared,
    languages.datasets_declared as datasets_in_languages,
    languages.share_fractional
from snapshots
left join cells on snapshots.snapshot_date = cells.snapshot_date
left join languages on snapshots.snapshot_date = languages.snapshot_date
where
    coalesce(abs(cells.datasets - snapshots.datasets), 1) > 1e-9 * snapshots.datasets
    or coalesce(abs(languages.datasets_declared - snapshots.datasets_declared), 0)
    > 1e-9 * snapshots.datasets
    or abs(languages.share_fractional - 1) > 1e-9
