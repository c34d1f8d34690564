with

boundaries as (
    select * from {{ ref('int_flow_boundaries') }}
),

all_time as (
    select *
    from boundaries
    where counter = 'downloads_all_time'
),

of_30_days as (
    select *
    from boundaries
    where counter = 'downloads'
),

joined as (
    select
        starts.kind,
        starts.boundary as month,
        ends.boundary as next_month,
        starts.is_known and ends.is_known as is_exact,
        starts.is_known or starts_of_30_days.is_known as is_start_known,
        ends_of_30_days.is_known as is_end_known,
        starts.snapshot_before as start_before,
        starts.snapshot_after as start_after,
        ends.snapshot_before as end_before,
        ends.snapshot_after as end_after,
        -- Not greatest(): of a null it makes another thing on each engine.
        case
            when starts.days_between >= ends.days_between then starts.days_between
            when starts.days_between < ends.days_between then ends.days_between
        end as days_between,
        case when ends_of_30_days.is_known then ends_of_30_days.snapshot_before end as end_before_of_30_days,
        case when ends_of_30_days.is_known then ends_of_30_days.snapshot_after end as end_after_of_30_days
    from all_time as starts
    inner join all_time as ends
        on
            starts.kind = ends.kind
            and {{ date_difference('month', 'starts.boundary', 'ends.boundary') }} = 1
    inner join of_30_days as starts_of_30_days
        on
            starts.kind = starts_of_30_days.kind
            and starts.boundary = starts_of_30_days.boundary
    inner join of_30_days as ends_of_30_days
        on
            ends.kind = ends_of_30_days.kind
            and ends.boundary = ends_of_30_days.boundary
)

select
    kind,
    month,
    next_month,
    is_exact,
    is_exact or (is_start_known and is_end_known) as has_flows,
    days_between,
    start_before,
    start_after,
    end_before,
    end_after,
    end_before_of_30_days,
    end_after_of_30_days,
    -- Who is listed at the month's end goes by the snapshots that its downloads rest on.
    case when is_exact then end_before else end_before_of_30_days end as listed_before,
    case when is_exact then end_after else end_after_of_30_days end as listed_after
from joined
