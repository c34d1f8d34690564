-- A view: it is every listing.
{{ config(materialized='view') }}

select
    listings.snapshot_date,
    coalesce(listings.model_key, keyless.repository_key, listings.model_id) as model_key,
    listings.{{ listing_attributes() | join(',\n    listings.') }}
from {{ ref('stg_hub__models') }} as listings
left join {{ ref('int_keyless_repositories') }} as keyless
    on
        keyless.kind = 'models'
        and listings.snapshot_date = keyless.snapshot_date
        and listings.model_id = keyless.repository_id
