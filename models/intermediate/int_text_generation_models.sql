-- A view: it is read by three tables that use few of its columns.
{{ config(materialized='view') }}

with

details as (
    {{ newest_readings(ref('stg_hub__model_details'), ref('int_snapshots')) }}
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
    details.status as details_status,
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
