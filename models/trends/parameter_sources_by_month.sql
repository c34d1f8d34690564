with

by_source as (
    select
        month,
        coalesce(parameter_source, 'unknown') as parameter_source,
        count(*) as models,
        count(case when parameter_use = 'counted' then 1 end) as counted_models
    from {{ ref('int_models') }}
    where month is not null
    group by month, coalesce(parameter_source, 'unknown')
),

months as (
    select
        month,
        sum(models) as models
    from by_source
    group by month
)

select
    by_source.month,
    by_source.parameter_source,
    spine.is_complete_month,
    cast(by_source.models as int64) as models,
    cast(by_source.models / months.models as {{ type_double() }}) as share,
    cast(by_source.counted_models as int64) as counted_models,
    spine.snapshot_date
from by_source
inner join months on by_source.month = months.month
inner join {{ ref('int_months') }} as spine on by_source.month = spine.month
