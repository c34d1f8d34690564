-- A pair of consecutive whole listings counts whole, at the age in days at the first of the two.
with

changes as (
    select
        created_on,
        observed_on,
        sum(change) as change,
        sum(lost) as lost
    from {{ ref('int_entries_and_exits') }}
    group by created_on, observed_on
),

cohorts as (
    select distinct created_on
    from changes
),

pairs as (
    select
        snapshot_date,
        lag(snapshot_date) over (order by snapshot_date) as previous_snapshot_date
    from {{ ref('int_snapshots') }}
    where kind = 'models' and is_complete
),

days as (
    select
        cohorts.created_on,
        pairs.snapshot_date,
        pairs.previous_snapshot_date,
        coalesce(changes.lost, 0) as lost,
        sum(coalesce(changes.change, 0)) over (
            partition by cohorts.created_on
            order by pairs.snapshot_date
            rows between unbounded preceding and current row
        ) - coalesce(changes.change, 0) as at_risk
    from cohorts
    cross join pairs
    left join changes
        on cohorts.created_on = changes.created_on and pairs.snapshot_date = changes.observed_on
),

aged as (
    select
        at_risk,
        lost,
        {{ date_difference('day', 'previous_snapshot_date', 'snapshot_date') }} as days,
        cast(
            floor(
                {{ date_difference('day', 'created_on', 'previous_snapshot_date') }} / {{ days_per_month() }}
            ) as int64
        ) as age_months
    from days
    -- A returning name was listed before its own creation; it had no age then.
    where at_risk > 0 and created_on <= previous_snapshot_date
),

rates as (
    select
        age_months,
        cast(sum(at_risk * days) as int64) as at_risk_days,
        cast(sum(lost) as int64) as lost,
        sum(lost) * {{ days_per_month() }} / sum(at_risk * days) as hazard_per_month
    from aged
    group by age_months
)

select
    age_months,
    at_risk_days,
    lost,
    hazard_per_month,
    exp(-coalesce(
        sum(hazard_per_month) over (order by age_months rows between unbounded preceding and 1 preceding), 0
    )) as survival
from rates
