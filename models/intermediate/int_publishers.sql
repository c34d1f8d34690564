-- A view: a few hundred rows.
{{ config(materialized='view') }}

-- The publishers of the synthetic Hub are made up, and so are their regions: they count nowhere else.
with

synthetic_hubs as (
    select count(*) as newest_snapshots
    from {{ ref('int_snapshots') }}
    where is_newest and is_synthetic
)

select
    publisher,
    organisation,
    organisation_type,
    country,
    region
from {{ ref('publishers') }}
union all
select
    made_up.publisher,
    cast(null as {{ dbt.type_string() }}) as organisation,
    'unknown' as organisation_type,
    cast(null as {{ dbt.type_string() }}) as country,
    made_up.region
from {{ ref('synthetic_publishers') }} as made_up
cross join synthetic_hubs
where synthetic_hubs.newest_snapshots > 0
