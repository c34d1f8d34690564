{#
    Query: each repository's downloads in the months of a batch, by the counters around a month's first instant and around the
    next one's. snapshots is the query of the snapshots that they read, for the sake of in_partitions.
#}
{% macro repository_flows(kind, batch, snapshots) -%}
{%- set sides = ['before_start', 'after_start', 'before_end', 'after_end'] -%}
{%- set sides_of_30_days = ['before_end_of_30_days', 'after_end_of_30_days'] -%}
with

counters as (
    select
        reads.month,
        reads.snapshot_date,
        listings.repository_key,
        listings.created_at,
        listings.downloads,
        case when dips.repository_key is null then listings.downloads_all_time end as downloads_all_time,
        reads.is_{{ (sides + sides_of_30_days) | join(',\n        reads.is_') }}
    from ({{ batch }}) as months
    inner join {{ ref('int_flow_reads') }} as reads
        on months.kind = reads.kind and months.month = reads.month
    inner join {{ ref('int_repository_listings') }} as listings
        on reads.snapshot_date = listings.snapshot_date
    left join {{ ref('int_counter_dips') }} as dips
        on
            reads.kind = dips.kind
            and reads.snapshot_date = dips.snapshot_date
            and listings.repository_key = dips.repository_key
    where
        listings.kind = '{{ kind }}'
        and {{ in_partitions('listings.snapshot_date', snapshots, 'snapshot_date') }}
),

-- Of each repository the nearest snapshot on each side of each boundary that has its counter.
nearest as (
    select
        month,
        repository_key,
        max(created_at) as created_at,
        {% for side in sides -%}
            {%- set date = 'case when is_' ~ side ~ ' and downloads_all_time is not null then snapshot_date end' -%}
            {{ 'max' if 'before' in side else 'min' }}({{ date }}) as {{ side }},
            {{ value_at('latest' if 'before' in side else 'earliest', 'downloads_all_time', date) }} as count_{{ side }},
        {% endfor -%}
        {% for side in sides_of_30_days -%}
            coalesce(max(case when is_{{ side }} then downloads end), 0) as count_{{ side }}{{ ',' if not loop.last }}
        {% endfor -%}
    from counters
    group by month, repository_key
),

at_boundaries as (
    select
        months.month,
        months.next_month,
        months.is_exact,
        nearest.repository_key,
        coalesce(nearest.before_end, nearest.after_end) is not null as is_known_at_end,
        case
            -- It was created in the month, or will be.
            when nearest.created_at >= cast(months.month as timestamp) then 0.0
            else {{ counter_at('months.month', 'start') }}
        end as count_at_start,
        {{ counter_at('months.next_month', 'end') }} as count_at_end,
        case
            when months.end_after_of_30_days is null then 0.0
            else nearest.count_before_end_of_30_days
                + (nearest.count_after_end_of_30_days - nearest.count_before_end_of_30_days)
                * {{ share_of_days('months.end_before_of_30_days', 'months.next_month', 'months.end_after_of_30_days') }}
        end * {{ date_difference('day', 'months.month', 'months.next_month') }} / 30 as downloads_from_30_day_count
    from nearest
    inner join {{ ref('int_flow_months') }} as months
        on months.kind = '{{ kind }}' and nearest.month = months.month
)

select
    month,
    repository_key,
    case
        when not is_exact then downloads_from_30_day_count
        when not is_known_at_end then 0.0
        when count_at_end >= count_at_start then count_at_end - count_at_start
        when count_at_end < count_at_start then 0.0
    end as downloads,
    case
        when is_exact and count_at_end < count_at_start then count_at_start - count_at_end
        else 0.0
    end as clipped_downloads,
    downloads_from_30_day_count
from at_boundaries
{%- endmacro %}
