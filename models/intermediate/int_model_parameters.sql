-- A table: sizes and mixtures compare all models with each other, and read it more than once.
with

attributes as (
    select * from {{ ref('int_model_attributes') }}
),

readings as (
    {{ newest_readings(ref('stg_hub__model_parameters'), ref('int_snapshots')) }}
),

headers as (
    select
        model_key,
        {{ sum_of_dtypes('header_parameters') }} as header_parameters
    from readings
    where status = 'counted'
),

reported as (
    select *
    from {{ ref('reported_model_sizes') }}
    where {{ var('use_reported_sizes') | lower }}
),

published as (
    select model_id from {{ ref('published_training_runs') }}
),

with_source as (
    select
        attributes.*,
        headers.header_parameters,
        reported.total_parameters as reported_parameters,
        reported.active_parameters as reported_active_parameters,
        reported.is_mixture_of_experts as is_reported_moe,
        published.model_id is not null as has_published_run,
        case
            when attributes.safetensors_parameters > 0 then 'safetensors'
            when attributes.safetensors_total is not null then 'safetensors_total'
            when attributes.gguf_total is not null then 'gguf'
            when headers.header_parameters > 0 then 'header'
        end as listing_source
    from attributes
    left join headers on attributes.model_key = headers.model_key
    left join reported on attributes.model_id = reported.model_id
    left join published on attributes.model_id = published.model_id
),

with_number as (
    select
        *,
        case listing_source
            when 'safetensors' then safetensors_parameters
            when 'safetensors_total' then safetensors_total
            when 'gguf' then gguf_total
            when 'header' then header_parameters
        end as listing_number,
        case when reported_parameters is not null then 'reported' else listing_source end as first_source
    from with_source
),

checked as (
    select
        *,
        {{ is_valid_size('listing_number') }} as is_listing_valid,
        case
            when reported_parameters is not null then {{ is_valid_size('reported_parameters') }}
            else {{ is_valid_size('listing_number') }}
        end as is_valid,
        case when {{ is_valid_size('gguf_total') }} then gguf_total end as gguf_parameters
    from with_number
)

select
    model_key,
    model_id,
    publisher,
    created_at,
    snapshot_date,
    is_listed,
    pipeline_tag,
    downloads,
    downloads_all_time,
    likes,
    licence,
    relation,
    relation_source,
    case when is_reported_moe then 'reported' else moe_source end as moe_source,
    cast(reported_active_parameters as {{ type_double() }}) as reported_active_parameters,
    active_parameters_by_name,
    case when not is_valid then 'out_of_range' else first_source end as parameter_source,
    case when is_valid then cast(coalesce(reported_parameters, listing_number) as int64) end as parameters,
    -- An exact count is the fingerprint of an architecture; a reported one is rounded.
    cast(
        case
            when is_listing_valid then listing_number
            when is_valid then reported_parameters
        end as int64
    ) as exact_parameters,
    cast(gguf_parameters as int64) as gguf_parameters,
    case
        when not coalesce(is_valid, false) then null
        when relation in ('adapter', 'quantized') then relation
        when
            first_source in ('safetensors', 'safetensors_total')
            and not has_published_run
            and (
                packed_parameters > {{ var('max_packed_share') }} * safetensors_parameters
                or {{ matches('model_name', '(?:^|[^0-9])[2-6]-?bit|int4|nf4|fp4|awq|gptq|exl2|exl3') }}
            )
            then 'packed'
        else 'counted'
    end as parameter_use
from checked
