-- Who is present in a month is told by what comes and goes: as large as the listing itself, not as all months of it.
{% set always, never = "cast('0001-01-01' as date)", "cast('9999-12-31' as date)" %}

with

months as (
    select * from {{ ref('int_flow_months') }}
    where has_flows
),

-- A change of name alone is neither.
comings_and_goings as (
    select
        kind,
        repository_key,
        snapshot_date,
        created_at,
        previous_repository_id is null as has_come,
        lead(snapshot_date) over (partition by kind, repository_key order by snapshot_date) as next_change_on,
        row_number() over (partition by kind, repository_key order by snapshot_date) as change_number
    from {{ ref('int_repository_changes') }}
    where previous_repository_id is null or repository_id is null
),

-- Most are in every listing since the first.
stays as (
    select
        changes.kind,
        repositories.unit_number,
        changes.created_at,
        case when changes.has_come then changes.snapshot_date else {{ always }} end as came_on,
        case when changes.has_come then coalesce(changes.next_change_on, {{ never }}) else changes.snapshot_date end
            as went_on
    from comings_and_goings as changes
    left join {{ ref('int_repository_keys') }} as older
        on
            changes.kind = older.kind
            and changes.repository_key = older.repository_key
    inner join {{ ref('int_repositories') }} as repositories
        on
            changes.kind = repositories.kind
            and repositories.unit_key = coalesce(older.unit_key, changes.repository_key)
    where changes.has_come or changes.change_number = 1
    union all
    select
        repositories.kind,
        repositories.unit_number,
        repositories.created_at,
        {{ always }} as came_on,
        {{ never }} as went_on
    from {{ ref('int_repositories') }} as repositories
    left join comings_and_goings as changes
        on
            repositories.kind = changes.kind
            and repositories.unit_key = changes.repository_key
            and changes.change_number = 1
    where repositories.is_listed and changes.repository_key is null
),

-- What has no date of creation counts as created never: nobody knows whether it was there before a listing had it.
first_months as (
    select
        kind,
        min(month) as first_month
    from months
    group by kind
),

stays_of_units as (
    select
        stays.kind,
        stays.unit_number,
        case
            when stays.created_at is null then {{ never }}
            when stays.created_at < cast(first_months.first_month as timestamp) then first_months.first_month
            else cast({{ dbt.date_trunc('month', 'stays.created_at') }} as date)
        end as created_month,
        stays.came_on,
        stays.went_on
    from stays
    inner join first_months on stays.kind = first_months.kind
),

-- Few thousand: what is alike is asked once.
kinds_of_stay as (
    select distinct
        kind,
        created_month,
        came_on,
        went_on
    from stays_of_units
),

-- At a month's end: in the snapshot before it, or in the one after it and created before.
listed as (
    select
        stays.*,
        months.month,
        (months.listed_before >= stays.came_on and months.listed_before < stays.went_on)
        or (
            months.month >= stays.created_month
            and months.listed_after >= stays.came_on
            and months.listed_after < stays.went_on
        ) as is_listed
    from kinds_of_stay as stays
    inner join months on stays.kind = months.kind
),

turns as (
    select
        *,
        coalesce(
            lag(is_listed) over (partition by kind, created_month, came_on, went_on order by month), false
        ) as was_listed
    from listed
),

changes_of_listed as (
    select
        stays.unit_number,
        turns.month,
        case when turns.is_listed then 1 else -1 end as direction
    from stays_of_units as stays
    inner join turns
        on
            stays.kind = turns.kind
            and stays.created_month = turns.created_month
            and stays.came_on = turns.came_on
            and stays.went_on = turns.went_on
    where turns.is_listed <> turns.was_listed
),

-- Downloaded in a month at whose end it was gone: only of what has gone, or has no date, can that be.
leavers as (
    select distinct unit_number
    from stays_of_units
    where went_on < {{ never }} or created_month = {{ never }}
),

flows_of_leavers as (
    select
        leavers.unit_number,
        flows.month
    from {{ ref('int_monthly_downloads') }} as flows
    inner join {{ ref('int_repositories') }} as repositories
        on
            flows.kind = repositories.kind
            and flows.unit_key = repositories.unit_key
    inner join leavers on repositories.unit_number = leavers.unit_number
    where flows.downloads > 0
),

months_of_leavers as (
    select
        stays.unit_number,
        listed.month
    from stays_of_units as stays
    inner join leavers on stays.unit_number = leavers.unit_number
    inner join listed
        on
            stays.kind = listed.kind
            and stays.created_month = listed.created_month
            and stays.came_on = listed.came_on
            and stays.went_on = listed.went_on
    where listed.is_listed
),

active_and_gone as (
    select
        flows.unit_number,
        flows.month
    from flows_of_leavers as flows
    left join months_of_leavers as there
        on
            flows.unit_number = there.unit_number
            and flows.month = there.month
    where there.unit_number is null
),

changes as (
    select * from changes_of_listed
    union all
    select
        unit_number,
        month,
        1 as direction
    from active_and_gone
    union all
    select
        unit_number,
        cast({{ dbt.dateadd('month', 1, 'month') }} as date) as month,
        -1 as direction
    from active_and_gone
)

select
    month,
    unit_number,
    cast(sum(direction) as int64) as step
from changes
group by month, unit_number
having sum(direction) <> 0
