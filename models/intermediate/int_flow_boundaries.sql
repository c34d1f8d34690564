with

snapshots as (
    select * from {{ ref('int_flow_snapshots') }}
),

spans as (
    select
        kind,
        cast({{ dbt.date_trunc('month', 'min(snapshot_date)') }} as date) as first_month,
        cast({{ dbt.date_trunc('month', 'max(snapshot_date)') }} as date) as last_month
    from snapshots
    group by kind
),

bounds as (
    select
        min(first_month) as first_month,
        cast({{ dbt.dateadd('month', 1, 'max(last_month)') }} as date) as last_boundary
    from spans
),

months as (
    {{ date_series('month', 'first_month', 'last_boundary', 'bounds') }}
),

boundaries as (
    select
        spans.kind,
        months.month as boundary
    from spans
    inner join months
        on
            spans.first_month <= months.month
            and {{ date_difference('month', 'spans.last_month', 'months.month') }} <= 1
),

{% for counter in ['downloads', 'downloads_all_time'] -%}
    {{ counter }} as (
        select
            boundaries.kind,
            boundaries.boundary,
            '{{ counter }}' as counter,
            max(case when snapshots.snapshot_date <= boundaries.boundary then snapshots.snapshot_date end)
                as snapshot_before,
            min(case when snapshots.snapshot_date >= boundaries.boundary then snapshots.snapshot_date end)
                as snapshot_after
        from boundaries
        left join snapshots
            on boundaries.kind = snapshots.kind and snapshots.has_{{ counter }}
        group by boundaries.kind, boundaries.boundary
    ),

{% endfor -%}
counters as (
    select * from downloads
    union all
    select * from downloads_all_time
)

select
    *,
    {{ date_difference('day', 'snapshot_before', 'snapshot_after') }} as days_between,
    coalesce(
        {{ date_difference('day', 'snapshot_before', 'boundary') }} <= {{ var('days_around_boundary') }}
        and {{ date_difference('day', 'boundary', 'snapshot_after') }} <= {{ var('days_around_boundary') }},
        false
    ) as is_known
from counters
