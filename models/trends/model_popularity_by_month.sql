-- A view, so that a month costs the same however many are kept: it leaves out all snapshots of a month but the last.
{{ config(materialized='view') }}

with

last_snapshots as (
    select snapshot_date
    from {{ ref('int_snapshots') }}
    where kind = 'models' and is_last_of_month
)

select
    cast({{ dbt.date_trunc('month', 'popularity.snapshot_date') }} as date) as month,
    popularity.model_key,
    popularity.model_id,
    popularity.downloads,
    popularity.likes,
    popularity.snapshot_date
from {{ ref('int_model_popularity') }} as popularity
inner join last_snapshots on popularity.snapshot_date = last_snapshots.snapshot_date
