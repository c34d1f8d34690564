-- A view: most of it is the newest snapshot as it is.
{{ config(materialized='view') }}

{% set attributes = [
    'model_id',
    'author',
    'created_at',
    'pipeline_tag',
    'library_name',
    'tags',
    'safetensors_parameters',
    'safetensors_total',
    'gguf_total',
    'downloads',
    'likes',
] %}

with

newest_snapshot as (
    select snapshot_date
    from {{ ref('int_snapshots') }}
    where kind = 'models' and is_newest
),

-- A model can disappear more than once, and be there again.
last_delistings as (
    select
        model_key,
        max(snapshot_date) as snapshot_date
    from {{ ref('int_delisted_models') }}
    group by model_key
),

relisted as (
    select last_delistings.model_key
    from last_delistings
    inner join {{ ref('stg_hub__models') }} as listings
        on last_delistings.model_key = listings.model_key
    inner join newest_snapshot on listings.snapshot_date = newest_snapshot.snapshot_date
    where {{ in_newest_partition('listings.snapshot_date', 'models') }}
)

select
    listings.model_key,
    listings.snapshot_date,
    {% for attribute in attributes -%}
        listings.{{ attribute }},
    {% endfor -%}
    true as is_listed
from {{ ref('stg_hub__models') }} as listings
inner join newest_snapshot on listings.snapshot_date = newest_snapshot.snapshot_date
where {{ in_newest_partition('listings.snapshot_date', 'models') }}
union all
select
    delisted.model_key,
    delisted.snapshot_date,
    {% for attribute in attributes -%}
        delisted.{{ attribute }},
    {% endfor -%}
    false as is_listed
from {{ ref('int_delisted_models') }} as delisted
inner join last_delistings
    on
        delisted.model_key = last_delistings.model_key
        and delisted.snapshot_date = last_delistings.snapshot_date
left join relisted on delisted.model_key = relisted.model_key
where relisted.model_key is null
