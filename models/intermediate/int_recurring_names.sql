-- A view: names that were given twice are few.
{{ config(materialized='view') }}

with

names as (
    select model_id
    from {{ ref('int_model_listings') }}
    group by model_id
    having count(*) > 1
)

-- The newest holder of a name is the one of the newest snapshot; within one, the one created last. The
-- key breaks what ties remain.
select
    listings.model_key,
    listings.model_id,
    row_number() over (
        partition by listings.model_id
        order by listings.snapshot_date desc, listings.created_at desc, listings.model_key desc
    ) = 1 as is_newest_holder
from {{ ref('int_model_listings') }} as listings
inner join names on listings.model_id = names.model_id
