-- A view: a row for each snapshot.
{{ config(materialized='view') }}

select
    kind,
    snapshot_date,
    loaded_at,
    lag(snapshot_date) over (partition by kind order by snapshot_date) as previous_snapshot_date,
    lag(loaded_at) over (partition by kind order by snapshot_date) as previous_loaded_at,
    lead(snapshot_date) over (partition by kind order by snapshot_date) as next_snapshot_date,
    lead(loaded_at) over (partition by kind order by snapshot_date) as next_loaded_at
from {{ ref('int_flow_snapshots') }}
where has_downloads_all_time
