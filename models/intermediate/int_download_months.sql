-- A view: a row for each month.
{{ config(materialized='view') }}

-- The one place where it is decided how far a month of downloads can be trusted.
select
    months.kind,
    months.month,
    months.has_flows,
    case when months.has_flows then months.is_exact end as is_exact,
    months.end_before_of_30_days is not null as has_counts_of_30_days,
    case
        when not months.has_flows then 'O'
        when months.is_exact and months.days_between <= {{ var('max_days_interpolated') }} then 'A'
        else 'E'
    end as observation_status,
    newest.snapshot_date
from {{ ref('int_flow_months') }} as months
inner join {{ ref('int_snapshots') }} as newest on months.kind = newest.kind
where newest.is_newest
