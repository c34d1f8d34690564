with

months as (
    select * from {{ ref('int_flow_months') }}
    where has_flows
),

contents as (
    select * from {{ ref('int_snapshot_contents') }}
),

-- Mostly the snapshots around a month's end are neighbours, and there is one.
snapshots_between as (
    select
        months.kind,
        months.month,
        months.next_month,
        contents.snapshot_date
    from months
    inner join contents
        on
            months.kind = contents.kind
            and months.listed_before < contents.snapshot_date
            and months.listed_after >= contents.snapshot_date
),

-- Being listed and not being listed take turns: what came once more than it went is in the later snapshot alone.
came as (
    select
        between_.kind,
        between_.month,
        changes.repository_key
    from snapshots_between as between_
    inner join {{ ref('int_repository_changes') }} as changes
        on
            between_.kind = changes.kind
            and between_.snapshot_date = changes.snapshot_date
    where changes.created_at < cast(between_.next_month as timestamp)
    group by between_.kind, between_.month, changes.repository_key
    having
        sum(case when changes.previous_repository_id is null then 1 else 0 end)
        - sum(case when changes.repository_id is null then 1 else 0 end) = 1
),

newcomers as (
    select
        kind,
        month,
        count(*) as repositories
    from came
    group by kind, month
),

-- Listed before by an older key and after by the one that continues it: one repository.
continued as (
    select
        months.kind,
        months.month,
        count(*) as repositories
    from months
    inner join {{ ref('int_repository_keys') }} as older
        on
            months.kind = older.kind
            and months.listed_before < older.delisted_on
            and months.listed_after >= older.successor_listed_on
            and months.next_month > older.succeeded_on
    group by months.kind, months.month
)

select
    months.kind,
    months.month,
    contents.repositories
    + coalesce(newcomers.repositories, 0)
    - coalesce(continued.repositories, 0) as listed
from months
inner join contents
    on
        months.kind = contents.kind
        and months.listed_before = contents.snapshot_date
left join newcomers
    on months.kind = newcomers.kind and months.month = newcomers.month
left join continued
    on months.kind = continued.kind and months.month = continued.month
