-- A table of few rows: to find them, all names are grouped, and three models ask for them.
with

names as (
    select model_id
    from {{ ref('int_model_listings') }}
    group by model_id
    having count(*) > 1
),

-- What was not listed in the first snapshot that is kept has a date here.
spans as (
    select * from {{ ref('int_listing_spans') }}
)

-- The newest holder of a name is the one of the newest snapshot; within one, the one created last. The
-- key breaks what ties remain.
select
    listings.model_key,
    listings.model_id,
    row_number() over (
        partition by listings.model_id
        order by listings.snapshot_date desc, listings.created_at desc, listings.model_key desc
    ) = 1 as is_newest_holder,
    case
        when
            count(spans.newly_listed_on) over (partition by listings.model_id)
            = count(*) over (partition by listings.model_id)
            then min(spans.newly_listed_on) over (partition by listings.model_id)
    end as newly_listed_on
from {{ ref('int_model_listings') }} as listings
inner join names on listings.model_id = names.model_id
left join spans on listings.model_key = spans.model_key
