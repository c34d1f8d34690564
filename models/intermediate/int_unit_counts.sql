with

months as (
    select
        kind,
        month
    from {{ ref('int_flow_months') }}
    where has_flows
),

changes as (
    select
        repositories.kind,
        changes.month,
        changes.step,
        changes.unit_number,
        repositories.publisher_number
    from {{ ref('int_presence_changes') }} as changes
    inner join {{ ref('int_repositories') }} as repositories on changes.unit_number = repositories.unit_number
),

of_units as (
    select
        kind,
        'repository' as unit,
        unit_number,
        month,
        step
    from changes
    union all
    select
        kind,
        'publisher' as unit,
        publisher_number as unit_number,
        month,
        step
    from changes
    union all
    select
        changes.kind,
        'family' as unit,
        families.root_number as unit_number,
        changes.month,
        changes.step
    from changes
    inner join {{ ref('int_unit_families') }} as families on changes.unit_number = families.unit_number
    where changes.kind = 'models'
),

by_month as (
    select
        kind,
        unit,
        unit_number,
        month,
        sum(step) as step_of_month
    from of_units
    group by kind, unit, unit_number, month
),

-- A publisher or family is there as long as one of its repositories is.
presences as (
    select
        kind,
        unit,
        month,
        step_of_month as step,
        sum(step_of_month) over (
            partition by kind, unit, unit_number order by month
            rows between unbounded preceding and current row
        ) as repositories
    from by_month
),

changes_of_units as (
    select
        kind,
        unit,
        month,
        sum(case when repositories > 0 then 1 else 0 end - case when repositories - step > 0 then 1 else 0 end) as units
    from presences
    group by kind, unit, month
)

select
    months.kind,
    months.month,
    changes.unit,
    cast(sum(changes.units) as int64) as units
from months
inner join changes_of_units as changes
    on
        months.kind = changes.kind
        and months.month >= changes.month
group by months.kind, months.month, changes.unit
