-- A view: most of it is the newest snapshot as it is.
{{ config(materialized='view') }}

{% set attributes = listing_attributes() %}

with

newest_snapshot as (
    select snapshot_date
    from {{ ref('int_snapshots') }}
    where kind = 'models' and is_newest
),

-- A model can disappear more than once, and be there again.
removed as (
    select
        model_key,
        delisted_on
    from {{ ref('int_listing_spans') }}
    where delisted_on is not null
)

select
    listings.model_key,
    listings.snapshot_date,
    {% for attribute in attributes -%}
        listings.{{ attribute }},
    {% endfor -%}
    true as is_listed
from {{ ref('int_keyed_models') }} as listings
inner join newest_snapshot on listings.snapshot_date = newest_snapshot.snapshot_date
where {{ in_newest_partition('listings.snapshot_date', 'models') }}
union all
select
    delisted.model_key,
    delisted.previous_snapshot_date as snapshot_date,
    {% for attribute in attributes -%}
        delisted.{{ attribute }},
    {% endfor -%}
    false as is_listed
from {{ ref('int_delisted_models') }} as delisted
inner join removed
    on
        delisted.model_key = removed.model_key
        and delisted.snapshot_date = removed.delisted_on
