with

bounds as (
    select
        min(month) as first_month,
        max(month) as last_month
    from {{ ref('int_models') }}
),

months as (
    {{ date_series('month', 'first_month', 'last_month', 'bounds') }}
),

newest_snapshot as (
    select snapshot_date
    from {{ ref('int_snapshots') }}
    where kind = 'models' and is_newest
)

select
    months.month,
    newest_snapshot.snapshot_date,
    cast({{ dbt.dateadd('month', 1, 'months.month') }} as date) <= newest_snapshot.snapshot_date
        as is_complete_month,
    months.month >= cast('{{ var("relation_reliable_from") }}' as date) as is_relation_reliable,
    months.month >= cast('{{ var("extrapolated_from") }}' as date) as is_extrapolated
from months
cross join newest_snapshot
