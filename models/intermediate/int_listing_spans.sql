-- A view: it is read twice, and most models have no row in it.
{{ config(materialized='view') }}

with

changes as (
    select
        model_key,
        snapshot_date as listed_on,
        cast(null as date) as delisted_on
    from {{ ref('int_newly_listed_models') }}
    union all
    select
        model_key,
        cast(null as date) as listed_on,
        snapshot_date as delisted_on
    from {{ ref('int_delisted_models') }}
),

bounds as (
    select
        model_key,
        min(listed_on) as first_listed_on,
        max(listed_on) as last_listed_on,
        min(delisted_on) as first_delisted_on,
        max(delisted_on) as last_delisted_on
    from changes
    group by model_key
)

-- Being listed and not being listed take turns. What disappears first was there from the start.
select
    model_key,
    case
        when first_delisted_on is null or first_listed_on < first_delisted_on then first_listed_on
    end as newly_listed_on,
    case
        when last_listed_on is null or last_delisted_on > last_listed_on then last_delisted_on
    end as delisted_on
from bounds
