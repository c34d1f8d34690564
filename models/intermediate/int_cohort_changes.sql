-- How many models each whole listing has more or fewer than the one before it, of those of a day and a publisher. It
-- reads changes, not listings: in a month some hundredths of them change. A table: two models read it.
with

snapshots as (
    select
        snapshot_date,
        is_complete
    from {{ ref('int_snapshots') }}
    where kind = 'models'
),

-- A part of a listing shows no losses: what it adds or lacks counts at the next whole one, where both are known.
observations as (
    select
        snapshots.snapshot_date,
        min(
            case
                when whole.is_complete and whole.snapshot_date >= snapshots.snapshot_date then whole.snapshot_date
            end
        ) as observed_on
    from snapshots
    cross join snapshots as whole
    group by snapshots.snapshot_date
),

first_snapshot as (
    select min(snapshot_date) as snapshot_date
    from snapshots
),

changes as (
    select
        repository_key as model_key,
        snapshot_date,
        case when previous_repository_id is null then 1 else -1 end as change
    from {{ ref('int_repository_changes') }}
    where kind = 'models' and (previous_repository_id is null or repository_id is null)
),

changes_by_key as (
    select
        model_key,
        sum(change) as change
    from changes
    group by model_key
),

keys as (
    select
        listings.model_key,
        listings.publisher,
        listings.created_at,
        listings.snapshot_date,
        coalesce(repository_keys.unit_key, listings.model_key) as unit_key,
        case when listings.is_listed then 1 else 0 end - coalesce(changes_by_key.change, 0) as listed_first
    from {{ ref('int_model_attributes') }} as listings
    left join changes_by_key on listings.model_key = changes_by_key.model_key
    left join {{ ref('int_repository_keys') }} as repository_keys
        on listings.model_key = repository_keys.repository_key and repository_keys.kind = 'models'
),

-- A returning name is one model over time, as its newest listing has it.
units as (
    select
        unit_key,
        coalesce(publisher, '/' || unit_key) as publisher_key,
        cast(created_at as date) as created_on
    from (
        select
            *,
            row_number() over (
                partition by unit_key order by snapshot_date desc, created_at desc, model_key desc
            ) as recency
        from keys
    ) as listings
    where recency = 1 and cast(created_at as date) > cast('{{ var("censored_until") }}' as date)
),

moves as (
    select
        keys.unit_key,
        first_snapshot.snapshot_date,
        keys.listed_first as change
    from keys
    cross join first_snapshot
    where keys.listed_first > 0
    union all
    select
        keys.unit_key,
        changes.snapshot_date,
        changes.change
    from changes
    inner join keys on changes.model_key = keys.model_key
),

returns as (
    select
        unit_key,
        max(snapshot_date) as last_returned_on
    from moves
    where change > 0
    group by unit_key
),

observed as (
    select
        moves.unit_key,
        observations.observed_on,
        sum(moves.change) as change
    from moves
    inner join observations on moves.snapshot_date = observations.snapshot_date
    where observations.observed_on is not null
    group by moves.unit_key, observations.observed_on
    having sum(moves.change) <> 0
)

select
    units.created_on,
    units.publisher_key,
    observed.observed_on,
    cast(sum(observed.change) as int64) as change,
    -- What vanishes and returns, if only in a part of a listing, is not lost.
    cast(
        count(case when observed.change < 0 and returns.last_returned_on <= observed.observed_on then 1 end) as int64
    ) as lost
from observed
inner join units on observed.unit_key = units.unit_key
left join returns on observed.unit_key = returns.unit_key
group by units.created_on, units.publisher_key, observed.observed_on
