{{ config(materialized='view') }}

with

snapshots as (
    select snapshot_date
    from {{ ref('int_snapshots') }}
    where kind = 'datasets'
)

select
    listings.snapshot_date,
    listings.dataset_key,
    listings.tags
from {{ ref('stg_hub__datasets') }} as listings
inner join snapshots on listings.snapshot_date = snapshots.snapshot_date
