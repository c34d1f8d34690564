-- The one place where tags and the map of number formats, JSON text until here, are read. What follows
-- works on scalars, and a test can give text on both engines, where arrays in fixtures are a trouble.
-- A view: some columns of a table that is about to be written.
{{ config(materialized='view') }}

{% set packed_dtypes = ['I32', 'U32', 'I8', 'U8', 'F4'] %}
{% set quantized_names = [
    'gguf', 'gptq', 'awq', 'exl2', 'exl3', 'mlx', 'bnb', 'nvfp4', 'mxfp4', 'fp8', 'int4', 'int8',
    '4bit', '8bit', '4-bit', '8-bit',
] %}
{% set quantized_tags = ['gguf', 'gptq', 'awq', 'exl2', 'exl3', 'mlx'] %}
{% set finetune_tags = [
    'generated_from_trainer', 'generated_from_keras_callback', 'trl', 'sft', 'dpo', 'grpo', 'unsloth',
    'llama-factory', 'axolotl', 'setfit',
] %}

with

listings as (
    select
        *,
        -- As has_tag() reads them: with a comma before each.
        ',' || ltrim(coalesce(tags, '[]'), '[') as tag_text
    from {{ ref('int_model_listings') }}
),

-- A tag that names the repository itself names no parent. With its own id taken out, base_model:adapter:ID
-- is base_model:adapter::, which no pattern below finds.
with_parents as (
    select
        *,
        case
            when not {{ matches('tag_text', ',"base_model:') }} then null
            when strpos(tag_text, ':' || model_id || '"') = 0 then tag_text
            else replace(tag_text, ':' || model_id || '"', '::"')
        end as parent_tags
    from listings
),

with_declared_relation as (
    select
        *,
        case
            {% for relation in ['adapter', 'quantized', 'merge'] -%}
                when {{ matches('parent_tags', ',"base_model:' ~ relation ~ ':[^:"]') }} then '{{ relation }}'
            {% endfor -%}
            when {{ has_tag('parent_tags', 'base_model:[^"]*[^:"]') }} then 'finetune'
        end as declared_relation
    from with_parents
),

with_relation as (
    select
        *,
        case
            when declared_relation is not null then declared_relation
            when library_name = 'peft' or {{ has_tag('tag_text', 'lora') }} then 'adapter'
            when
                {{ matches('model_id', quantized_names | join('|')) }}
                or (
                    {{ has_tag('tag_text', quantized_tags | join('|')) }}
                    and not {{ has_tag('tag_text', 'safetensors') }}
                )
                then 'quantized'
            when {{ has_tag('tag_text', 'merge|mergekit') }} then 'merge'
            when
                {{ has_tag('tag_text', finetune_tags | join('|')) }}
                or {{ matches('model_id', 'finetun|fine-tun') }}
                then 'finetune'
            else 'none'
        end as relation
    from with_declared_relation
)

select
    model_key,
    model_id,
    snapshot_date,
    is_listed,
    coalesce(
        author,
        case when strpos(model_id, '/') > 0 then substr(model_id, 1, strpos(model_id, '/') - 1) end
    ) as publisher,
    created_at,
    pipeline_tag,
    downloads,
    likes,
    nullif(substr(regexp_extract(tag_text, ',"license:[^"]+'), 11), '') as licence,
    relation,
    case
        when declared_relation is not null then 'declared'
        when relation <> 'none' then 'inferred'
    end as relation_source,
    (
        {{ matches('tag_text', 'moe|mixtral') }}
        or {{ matches('model_id', '-a[0-9.]+b|[0-9]+x[0-9.]+b') }}
    ) as is_moe,
    {{ sum_of_dtypes('safetensors_parameters') }} as safetensors_parameters,
    {{ sum_of_dtypes('safetensors_parameters', packed_dtypes) }} as packed_parameters,
    safetensors_total,
    gguf_total
from with_relation
