with

cohorts as (
    select distinct month
    from {{ ref('cohort_survival') }}
),

first_listings as (
    select
        cohorts.month,
        min(snapshots.snapshot_date) as first_observed_on
    from cohorts
    inner join {{ ref('int_snapshots') }} as snapshots
        on snapshots.snapshot_date >= cast({{ dbt.dateadd('month', 1, 'cohorts.month') }} as date)
    where snapshots.kind = 'models' and snapshots.is_complete
    group by cohorts.month
),

curves as (
    select
        survival.*,
        {{ date_difference('month', 'survival.month', 'first_listings.first_observed_on') }} - 1
            as first_lag_months,
        {{ date_difference('month', 'survival.month', 'survival.observed_on') }} - 1 as lag_months,
        first_value(survival.at_risk) over (
            partition by survival.month order by survival.observed_on
        ) as models_at_first
    from {{ ref('cohort_survival') }} as survival
    inner join first_listings on survival.month = first_listings.month
),

-- A month that was over long before the first listing had lost who knows how many by then. Of several listings in
-- a calendar month the first, as in figure_revisions.
watched as (
    select
        *,
        extract(year from month) * 12 + extract(month from month) - 1 as month_number,
        row_number() over (partition by month, lag_months order by observed_on) as number_in_month
    from curves
    where first_lag_months = 0 and lag_months in ({{ var('shown_lags') | join(', ') }})
),

-- Every so many months, so that there are not more than are shown; by the calendar, so that they stay the same.
steps as (
    select cast(ceil(count(distinct month) / {{ var('shown_cohorts') }}) as int64) as months
    from watched
)

select
    watched.month,
    cast(watched.lag_months as int64) as lag_months,
    watched.observed_on,
    cast(watched.models_at_first as int64) as models_at_first,
    watched.survival,
    watched.survival_ci_low,
    watched.survival_ci_high,
    watched.observation_status
from watched
cross join steps
where watched.number_in_month = 1 and mod(watched.month_number, steps.months) = 0
