-- A view: a few rows for each crawl.
{{ config(materialized='view') }}

with

snapshots as (
    select
        snapshots.kind,
        snapshots.snapshot_date,
        snapshots.loaded_at,
        snapshots.is_frozen
    from {{ ref('int_snapshots') }} as snapshots
    inner join {{ ref('int_snapshot_contents') }} as contents
        on
            snapshots.kind = contents.kind
            and snapshots.snapshot_date = contents.snapshot_date
    where contents.with_downloads > 0
),

-- Of an archive's file the loader has said whether it is frozen.
ranked as (
    select
        later.kind,
        later.snapshot_date,
        later.loaded_at,
        earlier.snapshot_date as earlier_snapshot_date,
        earlier.loaded_at as earlier_loaded_at,
        row_number() over (
            partition by later.kind, later.snapshot_date order by earlier.snapshot_date desc
        ) as recency
    from snapshots as later
    inner join snapshots as earlier
        on
            later.kind = earlier.kind
            and {{ date_difference('day', 'earlier.snapshot_date', 'later.snapshot_date') }} >= 3
    where later.is_frozen is null and coalesce(earlier.is_frozen, false) = false
)

select
    kind,
    snapshot_date,
    loaded_at,
    earlier_snapshot_date,
    earlier_loaded_at
from ranked
where recency <= 3
