-- Which models each snapshot lists under another name than the one before it. Kept, so that a build compares the new
-- snapshots only, however many there are.
{% set comparison = ['snapshot_date', 'previous_snapshot_date', 'loaded_at', 'previous_loaded_at'] %}
{% set missing = missing_snapshots(comparison, "kind = 'models' and previous_snapshot_date is not null") %}
{{ config(partition_by=partition_by_date('snapshot_date'), **kept_by_snapshot(comparison)) }}

with

comparisons as (
    {{ missing }}
),

listed_now as (
    select
        listings.model_key,
        listings.model_id,
        comparisons.snapshot_date
    from comparisons
    inner join {{ ref('stg_hub__models') }} as listings
        on comparisons.snapshot_date = listings.snapshot_date
    where {{ in_partitions('listings.snapshot_date', missing, 'snapshot_date') }}
)

select
    listings.model_key,
    comparisons.snapshot_date,
    comparisons.previous_snapshot_date,
    comparisons.loaded_at,
    comparisons.previous_loaded_at,
    listings.model_id as previous_model_id,
    listings.created_at
from comparisons
inner join {{ ref('stg_hub__models') }} as listings
    on comparisons.previous_snapshot_date = listings.snapshot_date
inner join listed_now
    on
        listings.model_key = listed_now.model_key
        and comparisons.snapshot_date = listed_now.snapshot_date
        and listings.model_id <> listed_now.model_id
where {{ in_partitions('listings.snapshot_date', missing, 'previous_snapshot_date') }}
