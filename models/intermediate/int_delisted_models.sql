-- The listings that are needed although they are not of the newest snapshot. Kept, so that no other
-- model reads older snapshots.
with

snapshots as (
    select
        snapshot_date,
        next_snapshot_date
    from {{ ref('int_snapshots') }}
    where kind = 'models' and not is_newest
),

listed_again as (
    select
        listings.model_key,
        snapshots.snapshot_date
    from snapshots
    inner join {{ ref('stg_hub__models') }} as listings
        on snapshots.next_snapshot_date = listings.snapshot_date
)

select
    listings.model_key,
    listings.snapshot_date,
    listings.model_id,
    listings.author,
    listings.created_at,
    listings.pipeline_tag,
    listings.library_name,
    listings.tags,
    listings.safetensors_parameters,
    listings.safetensors_total,
    listings.gguf_total,
    listings.downloads,
    listings.likes
from snapshots
inner join {{ ref('stg_hub__models') }} as listings
    on snapshots.snapshot_date = listings.snapshot_date
left join listed_again
    on
        listings.model_key = listed_again.model_key
        and listings.snapshot_date = listed_again.snapshot_date
where listed_again.model_key is null
