-- A view: it is every listing.
{{ config(materialized='view') }}

select
    listings.snapshot_date,
    coalesce(listings.dataset_key, keyless.repository_key, listings.dataset_id) as dataset_key,
    listings.dataset_id,
    listings.author,
    listings.created_at,
    listings.downloads,
    listings.downloads_all_time
from {{ ref('stg_hub__datasets') }} as listings
left join {{ ref('int_keyless_repositories') }} as keyless
    on
        keyless.kind = 'datasets'
        and listings.snapshot_date = keyless.snapshot_date
        and listings.dataset_id = keyless.repository_id
