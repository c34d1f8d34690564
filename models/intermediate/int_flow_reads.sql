{% set days = var('days_around_boundary') %}
with

candidates as (
    select
        months.kind,
        months.month,
        snapshots.snapshot_date,
        snapshots.loaded_at,
        months.is_exact
        and snapshots.has_downloads_all_time
        and {{ date_difference('day', 'snapshots.snapshot_date', 'months.month') }} between 0 and {{ days }}
            as is_before_start,
        months.is_exact
        and snapshots.has_downloads_all_time
        and {{ date_difference('day', 'months.month', 'snapshots.snapshot_date') }} between 0 and {{ days }}
            as is_after_start,
        months.is_exact
        and snapshots.has_downloads_all_time
        and {{ date_difference('day', 'snapshots.snapshot_date', 'months.next_month') }} between 0 and {{ days }}
            as is_before_end,
        months.is_exact
        and snapshots.has_downloads_all_time
        and {{ date_difference('day', 'months.next_month', 'snapshots.snapshot_date') }} between 0 and {{ days }}
            as is_after_end,
        coalesce(snapshots.snapshot_date = months.end_before_of_30_days, false) as is_before_end_of_30_days,
        coalesce(snapshots.snapshot_date = months.end_after_of_30_days, false) as is_after_end_of_30_days
    from {{ ref('int_flow_months') }} as months
    inner join {{ ref('int_flow_snapshots') }} as snapshots on months.kind = snapshots.kind
    where months.has_flows
)

select *
from candidates
where
    is_before_start
    or is_after_start
    or is_before_end
    or is_after_end
    or is_before_end_of_30_days
    or is_after_end_of_30_days
