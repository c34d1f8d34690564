-- When each model came into the whole listings and left them. It reads changes, not listings: in a month some
-- hundredths of the models change. A view: two models sum it up, each in its own way, and it is as long as a listing.
{{ config(materialized='view') }}

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
    select
        snapshot_date,
        observed_on
    from observations
    where snapshot_date in (select min(snapshots.snapshot_date) from snapshots)
),

listings as (
    select
        model_key,
        publisher,
        created_at,
        snapshot_date,
        is_listed
    from {{ ref('int_model_attributes') }}
),

repository_keys as (
    select
        repository_key,
        unit_key
    from {{ ref('int_repository_keys') }}
    where kind = 'models'
),

changes as (
    select
        repository_key as model_key,
        snapshot_date,
        case when previous_repository_id is null then 1 else -1 end as change
    from {{ ref('int_repository_changes') }}
    where kind = 'models' and (previous_repository_id is null or repository_id is null)
),

-- All others were there at the first snapshot, and are since.
changed_keys as (
    select model_key from changes
    union distinct
    select repository_key as model_key from repository_keys
    union distinct
    select unit_key as model_key from repository_keys
),

changes_by_key as (
    select
        model_key,
        sum(change) as change
    from changes
    group by model_key
),

changed_models as (
    select
        listings.model_key,
        listings.publisher,
        listings.created_at,
        listings.snapshot_date,
        coalesce(repository_keys.unit_key, listings.model_key) as unit_key,
        case when listings.is_listed then 1 else 0 end - coalesce(changes_by_key.change, 0) as listed_first
    from listings
    inner join changed_keys on listings.model_key = changed_keys.model_key
    left join changes_by_key on listings.model_key = changes_by_key.model_key
    left join repository_keys on listings.model_key = repository_keys.repository_key
),

-- A returning name is one model over time, as its newest listing has it.
units as (
    select
        unit_key,
        publisher,
        created_at
    from (
        select
            *,
            row_number() over (
                partition by unit_key order by snapshot_date desc, created_at desc, model_key desc
            ) as recency
        from changed_models
    ) as ranked
    where recency = 1
),

moves as (
    select
        changed_models.unit_key,
        first_snapshot.snapshot_date,
        changed_models.listed_first as change
    from changed_models
    cross join first_snapshot
    where changed_models.listed_first > 0
    union all
    select
        changed_models.unit_key,
        changes.snapshot_date,
        changes.change
    from changes
    inner join changed_models on changes.model_key = changed_models.model_key
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
    group by moves.unit_key, observations.observed_on
    having sum(moves.change) <> 0
),

combined as (
    select
        listings.model_key as unit_key,
        listings.publisher,
        listings.created_at,
        first_snapshot.observed_on,
        1 as change,
        0 as lost
    from listings
    cross join first_snapshot
    left join changed_keys on listings.model_key = changed_keys.model_key
    where changed_keys.model_key is null
    union all
    select
        observed.unit_key,
        units.publisher,
        units.created_at,
        observed.observed_on,
        observed.change,
        -- What vanishes and returns, if only in a part of a listing, is not lost.
        case when observed.change < 0 and returns.last_returned_on <= observed.observed_on then 1 else 0 end as lost
    from observed
    inner join units on observed.unit_key = units.unit_key
    left join returns on observed.unit_key = returns.unit_key
)

select
    unit_key as model_key,
    cast(created_at as date) as created_on,
    coalesce(publisher, '/' || unit_key) as publisher_key,
    observed_on,
    cast(change as int64) as change,
    cast(lost as int64) as lost
from combined
where observed_on is not null and cast(created_at as date) > cast('{{ var("censored_until") }}' as date)
