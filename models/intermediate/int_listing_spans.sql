-- A view: it is read twice, and most models have no row in it.
{{ config(materialized='view') }}

with

changes as (
    select
        repository_key as model_key,
        case when previous_repository_id is null then snapshot_date end as listed_on,
        case when repository_id is null then snapshot_date end as delisted_on
    from {{ ref('int_repository_changes') }}
    where kind = 'models' and (previous_repository_id is null or repository_id is null)
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
