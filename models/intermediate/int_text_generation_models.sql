-- A view: it is read by three tables that use few of its columns.
{{ config(materialized='view') }}

with

readings as (
    select
        readings.model_key,
        readings.status,
        readings.used_storage_bytes,
        readings.spaces,
        row_number() over (
            partition by readings.model_key
            order by readings.fetched_at desc, readings.status, readings.used_storage_bytes
        ) as recency
    from {{ ref('stg_hub__model_details') }} as readings
    cross join {{ ref('int_snapshots') }} as snapshots
    where
        readings.status <> 'failed'
        and {{ was_known('readings.fetched_at') }}
),

details as (
    select
        model_key,
        used_storage_bytes,
        spaces
    from readings
    where recency = 1 and status = 'found'
)

select
    models.model_key,
    models.model_id,
    models.publisher,
    models.created_at,
    models.is_listed,
    models.is_left_censored,
    models.downloads,
    models.likes,
    details.used_storage_bytes,
    details.spaces,
    case
        when not models.is_left_censored then {{ week_start('cast(models.created_at as date)') }}
    end as week,
    case
        when models.downloads >= {{ var('very_popular_from_downloads') }} then 'very popular'
        when models.downloads >= {{ var('popular_from_downloads') }} then 'popular'
        when models.downloads is not null then 'not popular'
    end as popularity_class
from {{ ref('int_models') }} as models
left join details on models.model_key = details.model_key
where models.task = 'text-generation'
