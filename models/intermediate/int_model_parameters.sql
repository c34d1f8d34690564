-- A view: some columns of a table that is about to be written.
{{ config(materialized='view') }}

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

with_source as (
    select
        attributes.*,
        headers.header_parameters,
        case
            when attributes.safetensors_parameters > 0 then 'safetensors'
            when attributes.safetensors_total is not null then 'safetensors_total'
            when attributes.gguf_total is not null then 'gguf'
            when headers.header_parameters > 0 then 'header'
        end as first_source
    from attributes
    left join headers on attributes.model_key = headers.model_key
),

with_number as (
    select
        *,
        case first_source
            when 'safetensors' then safetensors_parameters
            when 'safetensors_total' then safetensors_total
            when 'gguf' then gguf_total
            when 'header' then header_parameters
        end as first_number
    from with_source
),

checked as (
    select
        *,
        -- Of an old name without a slash, all of it.
        substr(model_id, strpos(model_id, '/') + 1) as model_name,
        first_number between {{ var('min_parameters') }} and {{ var('max_parameters') }} as is_valid
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
    likes,
    licence,
    relation,
    relation_source,
    is_moe,
    case when not is_valid then 'out_of_range' else first_source end as parameter_source,
    case when is_valid then cast(first_number as int64) end as parameters,
    case
        when not coalesce(is_valid, false) then null
        when relation in ('adapter', 'quantized') then relation
        when
            first_source in ('safetensors', 'safetensors_total')
            and (
                packed_parameters > {{ var('max_packed_share') }} * safetensors_parameters
                or {{ matches('lower(model_name)', '[2-6]-?bit|int4|nf4|fp4|awq|gptq|exl2|exl3') }}
            )
            then 'packed'
        else 'counted'
    end as parameter_use
from checked
