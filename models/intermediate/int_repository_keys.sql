with

changes as (
    select * from {{ ref('int_repository_changes') }}
),

-- Being listed and not being listed take turns.
bounds as (
    select
        kind,
        repository_key,
        min(case when previous_repository_id is null then snapshot_date end) as first_listed_on,
        max(case when previous_repository_id is null then snapshot_date end) as last_listed_on,
        min(case when repository_id is null then snapshot_date end) as first_delisted_on,
        max(case when repository_id is null then snapshot_date end) as last_delisted_on
    from changes
    group by kind, repository_key
),

newcomers as (
    select
        changes.kind,
        changes.repository_key,
        changes.repository_id,
        changes.snapshot_date,
        changes.created_at
    from changes
    inner join bounds
        on
            changes.kind = bounds.kind
            and changes.repository_key = bounds.repository_key
            and changes.snapshot_date = bounds.first_listed_on
    where
        changes.previous_repository_id is null
        and (bounds.first_delisted_on is null or bounds.first_listed_on < bounds.first_delisted_on)
),

-- Who gave a name up, by being gone or by taking another one. The newest before a newcomer is its predecessor.
predecessors as (
    select
        newcomers.kind,
        newcomers.repository_key,
        newcomers.snapshot_date,
        newcomers.created_at,
        holders.repository_key as previous_key,
        holders.previous_snapshot_date as last_held_on,
        row_number() over (
            partition by newcomers.kind, newcomers.repository_key
            order by holders.previous_snapshot_date desc, holders.created_at desc, holders.repository_key desc
        ) as recency
    from newcomers
    inner join changes as holders
        on
            newcomers.kind = holders.kind
            and newcomers.repository_id = holders.previous_repository_id
            and newcomers.snapshot_date >= holders.snapshot_date
    where
        coalesce(holders.repository_id, '') <> holders.previous_repository_id
),

successions as (
    select
        predecessors.kind,
        predecessors.previous_key as repository_key,
        predecessors.repository_key as next_key,
        bounds.last_delisted_on as delisted_on,
        predecessors.snapshot_date as successor_listed_on,
        -- Not before the older one was last seen, whatever the newcomer says of its creation.
        greatest(
            coalesce(cast(predecessors.created_at as date), predecessors.snapshot_date),
            predecessors.last_held_on
        ) as succeeded_on,
        -- Of an older one that gave up two names, the first newcomer.
        row_number() over (
            partition by predecessors.kind, predecessors.previous_key
            order by predecessors.snapshot_date, predecessors.repository_key
        ) as seniority
    from predecessors
    inner join bounds
        on
            predecessors.kind = bounds.kind
            and predecessors.previous_key = bounds.repository_key
    where
        predecessors.recency = 1
        and bounds.last_delisted_on <= predecessors.snapshot_date
        and (bounds.last_listed_on is null or bounds.last_listed_on < bounds.last_delisted_on)
),

links_0 as (
    select
        kind,
        repository_key,
        next_key
    from successions
    where seniority = 1
),

-- A name may return again and again. Each step doubles how far it is followed.
{% for step in range(1, 6) -%}
    links_{{ step }} as (
        select
            links.kind,
            links.repository_key,
            coalesce(later.next_key, links.next_key) as next_key
        from links_{{ step - 1 }} as links
        left join links_{{ step - 1 }} as later
            on
                links.kind = later.kind
                and links.next_key = later.repository_key
    ),

{% endfor -%}
joined as (
    select
        successions.kind,
        successions.repository_key,
        links.next_key as unit_key,
        successions.delisted_on,
        successions.succeeded_on,
        successions.successor_listed_on
    from successions
    inner join links_5 as links
        on
            successions.kind = links.kind
            and successions.repository_key = links.repository_key
    where successions.seniority = 1
)

select * from joined
