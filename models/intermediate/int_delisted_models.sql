-- Which models each snapshot no longer lists, with what the one before it said of them: so that no other model reads
-- older snapshots. Kept, so that a build compares the new snapshots only, however many there are.
{% set comparison = ['snapshot_date', 'previous_snapshot_date', 'loaded_at', 'previous_loaded_at'] %}
{% set missing = missing_snapshots(comparison, "kind = 'models' and previous_snapshot_date is not null") %}
{{ config(partition_by=partition_by_date('snapshot_date'), **kept_by_snapshot(comparison)) }}

with

comparisons as (
    {{ missing }}
),

still_listed as (
    select
        listings.model_key,
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
    listings.{{ listing_attributes() | join(',\n    listings.') }}
from comparisons
inner join {{ ref('stg_hub__models') }} as listings
    on comparisons.previous_snapshot_date = listings.snapshot_date
left join still_listed
    on
        listings.model_key = still_listed.model_key
        and comparisons.snapshot_date = still_listed.snapshot_date
where
    still_listed.model_key is null
    and {{ in_partitions('listings.snapshot_date', missing, 'previous_snapshot_date') }}
