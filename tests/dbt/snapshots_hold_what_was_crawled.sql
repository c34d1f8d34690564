-- A snapshot whose rows are not as many as its crawl says is broken: a load was cut off, or its rows
-- were touched since.
with

held as (
    select
        'models' as kind,
        snapshot_date,
        count(*) as records
    from {{ source('hub', 'models') }}
    group by snapshot_date
    union all
    select
        'datasets' as kind,
        snapshot_date,
        count(*) as records
    from {{ source('hub', 'datasets') }}
    group by snapshot_date
)

select
    snapshots.kind,
    snapshots.snapshot_date,
    snapshots.records,
    held.records as records_held
from {{ ref('stg_hub__snapshots') }} as snapshots
left join held
    on snapshots.kind = held.kind and snapshots.snapshot_date = held.snapshot_date
where snapshots.records <> coalesce(held.records, 0)
