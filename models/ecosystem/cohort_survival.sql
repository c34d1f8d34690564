-- Kaplan and Meier's estimate. Who was listed at each listing is summed up from changes, so that no listing is read: a
-- publisher has a row where its number changes, and adds to the sums of its cohort there.
with

newest_snapshot as (
    select snapshot_date
    from {{ ref('int_snapshots') }}
    where kind = 'models' and is_newest
),

changes as (
    select
        {{ dbt.date_trunc('month', 'created_on') }} as month,
        publisher_key,
        observed_on,
        sum(change) as change,
        sum(lost) as lost
    from {{ ref('int_entries_and_exits') }}
    group by {{ dbt.date_trunc('month', 'created_on') }}, publisher_key, observed_on
),

stocks as (
    select
        cast(month as date) as month,
        publisher_key,
        observed_on,
        change,
        lost,
        sum(change) over (
            partition by month, publisher_key
            order by observed_on
            rows between unbounded preceding and 1 preceding
        ) as listed_before
    from changes
),

numbers as (
    select
        month,
        publisher_key,
        observed_on,
        lost,
        change,
        coalesce(listed_before, 0) as listed_before,
        coalesce(listed_before, 0) + change as listed
    from stocks
),

sums as (
    select
        month,
        observed_on,
        sum(change) as listed,
        sum(listed * listed - listed_before * listed_before) as squares,
        count(case when listed > 0 then 1 end) - count(case when listed_before > 0 then 1 end) as publishers,
        sum(lost) as lost,
        sum(case when lost > 0 then listed_before * listed_before else 0 end) as squares_of_losers
    from numbers
    group by month, observed_on
),

months as (
    select distinct month
    from sums
),

snapshots as (
    select
        snapshot_date,
        lag(snapshot_date) over (order by snapshot_date) as previous_snapshot_date
    from {{ ref('int_snapshots') }}
    where kind = 'models' and is_complete
),

-- At risk at a listing are the models of the one before it.
at_risk as (
    select
        months.month,
        snapshots.snapshot_date as observed_on,
        snapshots.previous_snapshot_date,
        {% for column in ['listed', 'squares', 'publishers'] -%}
            coalesce(sum(sums.{{ column }}) over (
                partition by months.month
                order by snapshots.snapshot_date
                rows between unbounded preceding and 1 preceding
            ), 0) as {{ column }},
        {% endfor -%}
        coalesce(sums.lost, 0) as lost,
        coalesce(sums.squares_of_losers, 0) as squares_of_losers
    from months
    cross join snapshots
    left join sums on months.month = sums.month and snapshots.snapshot_date = sums.observed_on
),

hazards as (
    select
        *,
        lost / nullif(listed, 0) as hazard
    from at_risk
    where previous_snapshot_date >= cast({{ dbt.dateadd('month', 1, 'month') }} as date)
),

-- Publishers that lost a model one by one, and all others by their squares: l is 0 there.
deviations as (
    select
        hazards.month,
        hazards.observed_on,
        {{ exact_sum('pow(numbers.lost - numbers.listed_before * hazards.hazard, 2)', scale=12) }} as of_losers
    from hazards
    inner join numbers
        on
            hazards.month = numbers.month
            and hazards.observed_on = numbers.observed_on
            and numbers.lost > 0
    group by hazards.month, hazards.observed_on
),

steps as (
    select
        hazards.*,
        case when hazards.hazard < 1 then ln(1 - hazards.hazard) end as ln_survival,
        hazards.publishers / nullif(hazards.publishers - 1, 0)
        * (
            coalesce(deviations.of_losers, 0)
            + pow(hazards.hazard, 2) * (hazards.squares - hazards.squares_of_losers)
        )
        / nullif(pow(hazards.listed * (1 - hazards.hazard), 2), 0) as variance
    from hazards
    left join deviations
        on hazards.month = deviations.month and hazards.observed_on = deviations.observed_on
),

cumulated as (
    select
        month,
        observed_on,
        listed,
        lost,
        publishers,
        sum(ln_survival) over until_then as ln_survival,
        sum(variance) over until_then as variance,
        count(hazard) over until_then as steps,
        count(case when hazard = 1 then 1 end) over until_then as endings,
        count(case when hazard is not null and variance is null then 1 end) over until_then as unknown
    from steps
    window until_then as (
        partition by month
        order by observed_on
        rows between unbounded preceding and current row
    )
),

estimated as (
    select
        *,
        case when endings > 0 then 0 else exp(ln_survival) end as survival,
        case when endings = 0 and unknown = 0 then 1.96 * sqrt(variance) end as half_width
    from cumulated
    where steps > 0
)

select
    estimated.month,
    estimated.observed_on,
    cast(estimated.listed as int64) as at_risk,
    cast(estimated.lost as int64) as lost,
    cast(estimated.survival as {{ type_double() }}) as survival,
    cast(estimated.survival * exp(-estimated.half_width) as {{ type_double() }}) as survival_ci_low,
    cast(
        case
            when estimated.survival * exp(estimated.half_width) > 1 then 1
            else estimated.survival * exp(estimated.half_width)
        end as {{ type_double() }}
    ) as survival_ci_high,
    {{ observation_status(
        'true', is_low_reliability='estimated.publishers < ' ~ var('min_publishers')
    ) }} as observation_status,
    newest_snapshot.snapshot_date,
    {{ method_version() }} as method_version
from estimated
cross join newest_snapshot
