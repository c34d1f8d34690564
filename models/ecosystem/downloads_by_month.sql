with

months as (
    select * from {{ ref('int_download_months') }}
),

-- Few sizes are all that a median needs of many flows.
sizes as (
    select
        flows.kind,
        flows.month,
        models.effective_parameters,
        sum(case when flows.downloads > 0 then 1 else 0 end) as active,
        sum(case when flows.downloads is null then 1 else 0 end) as unknown_repositories,
        {{ exact_sum('flows.downloads', 6) }} as downloads,
        {{ exact_sum('flows.clipped_downloads', 6) }} as clipped_downloads,
        {{ exact_sum('flows.downloads_from_30_day_count', 6) }} as downloads_from_30_day_count
    from {{ ref('int_monthly_downloads') }} as flows
    -- A condition of its own on the kind would make this a nested loop on DuckDB.
    left join {{ ref('int_models') }} as models
        on models.model_key = case flows.kind when 'models' then flows.unit_key end
    group by flows.kind, flows.month, models.effective_parameters
),

totals as (
    select
        kind,
        month,
        sum(active) as active,
        sum(unknown_repositories) as unknown_repositories,
        {{ exact_sum('downloads', 6) }} as downloads,
        {{ exact_sum('clipped_downloads', 6) }} as clipped_downloads,
        {{ exact_sum('downloads_from_30_day_count', 6) }} as downloads_from_30_day_count
    from sizes
    group by kind, month
),

ranked_sizes as (
    select
        kind,
        month,
        effective_parameters,
        downloads,
        sum(downloads) over (partition by kind, month) as downloads_of_all,
        sum(downloads) over (
            partition by kind, month order by effective_parameters
            rows between unbounded preceding and current row
        ) as downloads_up_to_here
    from sizes
    where effective_parameters is not null and downloads > 0
),

-- The last digits of a sum must not decide which of two sizes is the median.
medians as (
    select
        kind,
        month,
        {{ exact_sum('downloads', 6) }} as downloads,
        min(case when downloads_up_to_here >= downloads_of_all * (0.5 - 1e-12) then effective_parameters end)
            as weighted_median_parameters
    from ranked_sizes
    group by kind, month
)

select
    months.month,
    case months.kind when 'models' then 'model' else 'dataset' end as kind,
    months.is_exact,
    cast(listed.listed as int64) as listed,
    cast(case when months.has_flows then coalesce(totals.active, 0) end as int64) as active,
    cast(case when months.has_flows then coalesce(totals.unknown_repositories, 0) end as int64)
        as unknown_repositories,
    case when months.has_flows then coalesce(totals.downloads, 0.0) end as downloads,
    case when months.is_exact then coalesce(totals.clipped_downloads, 0.0) end
        as clipped_downloads,
    case
        when months.has_flows and months.has_counts_of_30_days
            then coalesce(totals.downloads_from_30_day_count, 0.0)
    end as downloads_from_30_day_count,
    cast(medians.weighted_median_parameters as int64) as weighted_median_parameters,
    case months.kind when 'models' then coalesce(medians.downloads, 0.0) / nullif(totals.downloads, 0.0) end
        as share_known_size,
    months.observation_status,
    months.snapshot_date,
    {{ method_version() }} as method_version
from months
left join {{ ref('int_listed_repositories') }} as listed
    on months.kind = listed.kind and months.month = listed.month
left join totals
    on months.kind = totals.kind and months.month = totals.month
left join medians
    on months.kind = medians.kind and months.month = medians.month
