with

turns as (
    select
        kind,
        snapshot_date,
        repository_key,
        downloads_all_time,
        previous_downloads_all_time,
        next_downloads_all_time
    from {{ ref('int_counter_turns') }}
),

-- The neighbour of a counter is the next snapshot that has it, where one in between lacks it.
earlier as (
    select
        turns.kind,
        turns.snapshot_date,
        turns.repository_key,
        gone.downloads_all_time,
        row_number() over (
            partition by turns.kind, turns.snapshot_date, turns.repository_key order by gone.snapshot_date desc
        ) as recency
    from turns
    inner join turns as gone
        on
            turns.kind = gone.kind
            and turns.repository_key = gone.repository_key
            and turns.snapshot_date > gone.snapshot_date
    where turns.previous_downloads_all_time is null and gone.next_downloads_all_time is null
),

later as (
    select
        turns.kind,
        turns.snapshot_date,
        turns.repository_key,
        back.downloads_all_time,
        row_number() over (
            partition by turns.kind, turns.snapshot_date, turns.repository_key order by back.snapshot_date
        ) as nearness
    from turns
    inner join turns as back
        on
            turns.kind = back.kind
            and turns.repository_key = back.repository_key
            and turns.snapshot_date < back.snapshot_date
    where turns.next_downloads_all_time is null and back.previous_downloads_all_time is null
),

with_neighbours as (
    select
        turns.kind,
        turns.snapshot_date,
        turns.repository_key,
        turns.downloads_all_time,
        coalesce(turns.previous_downloads_all_time, earlier.downloads_all_time) as previous_downloads_all_time,
        coalesce(turns.next_downloads_all_time, later.downloads_all_time) as next_downloads_all_time
    from turns
    left join earlier
        on
            turns.kind = earlier.kind
            and turns.snapshot_date = earlier.snapshot_date
            and turns.repository_key = earlier.repository_key
            and earlier.recency = 1
    left join later
        on
            turns.kind = later.kind
            and turns.snapshot_date = later.snapshot_date
            and turns.repository_key = later.repository_key
            and later.nearness = 1
)

select
    kind,
    snapshot_date,
    repository_key,
    downloads_all_time
from with_neighbours
where
    downloads_all_time < previous_downloads_all_time
    and downloads_all_time < next_downloads_all_time
    and next_downloads_all_time >= previous_downloads_all_time
