with

newest_snapshot as (
    select snapshot_date
    from {{ ref('int_snapshots') }}
    where kind = 'models' and is_newest
)

select
    rates.age_months,
    rates.at_risk_days,
    rates.lost,
    cast(rates.hazard_per_month as {{ type_double() }}) as hazard_per_month,
    cast(rates.survival as {{ type_double() }}) as survival,
    {{ observation_status('true', is_low_reliability='rates.lost < ' ~ var('min_values')) }} as observation_status,
    newest_snapshot.snapshot_date,
    {{ method_version() }} as method_version
from {{ ref('int_survival_by_age') }} as rates
cross join newest_snapshot
