with

months as (
    select
        kind,
        month
    from {{ ref('int_flow_months') }}
    where has_flows
),

changes as (
    select * from {{ ref('int_presence_changes') }}
),

repositories as (
    select * from {{ ref('int_repositories') }}
),

of_units as (
    select
        kind,
        'repository' as unit,
        unit_key,
        month,
        step
    from changes
    union all
    select
        changes.kind,
        'publisher' as unit,
        coalesce(repositories.publisher_key, '/' || changes.unit_key) as unit_key,
        changes.month,
        changes.step
    from changes
    left join repositories
        on
            changes.kind = repositories.kind
            and changes.unit_key = repositories.unit_key
    union all
    select
        changes.kind,
        'family' as unit,
        coalesce(families.root_key, changes.unit_key) as unit_key,
        changes.month,
        changes.step
    from changes
    left join {{ ref('int_former_holders') }} as former on changes.unit_key = former.unit_key
    left join {{ ref('int_model_families') }} as families
        on families.model_key = coalesce(former.model_key, changes.unit_key)
    where changes.kind = 'models'
),

by_month as (
    select
        kind,
        unit,
        unit_key,
        month,
        sum(step) as step
    from of_units
    group by kind, unit, unit_key, month
),

-- A publisher or family is there as long as one of its repositories is.
presences as (
    select
        kind,
        unit,
        month,
        step,
        sum(step) over (
            partition by kind, unit, unit_key order by month
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
