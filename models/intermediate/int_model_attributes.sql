-- The one place where tags and the map of number formats, JSON text until here, are read. What follows
-- works on scalars, and a test can give text on both engines, where arrays in fixtures are a trouble.
-- A view: some columns of a table that is about to be written.
{{ config(materialized='view') }}

{% set packed_dtypes = ['I32', 'U32', 'I8', 'U8', 'F4'] %}
{% set quantized_names = [
    'gguf', 'gptq', 'awq', 'exl2', 'exl3', 'mlx', 'bnb', 'nvfp4', 'mxfp4', 'fp8', 'int4', 'int8',
    '4bit', '8bit', '4-bit', '8-bit',
] %}
{% set quantized_tags = ['gguf', 'gptq', 'awq', 'exl2', 'exl3'] %}
{# Between characters that are neither letters nor digits; the b stands for billion, an m for million. #}
{% set active_parameters_in_name = '(?:^|[^a-z0-9])a[0-9]+(?:[.][0-9]+)?[bm](?:[^a-z0-9]|$)' %}
{% set mixture_names = [
    '(?:^|[^a-z0-9])a[0-9]+(?:[.][0-9]+)?b(?:[^a-z0-9]|$)',
    '(?:^|[^a-z0-9])[0-9]+x[0-9]+(?:[.][0-9]+)?b(?:[^a-z0-9]|$)',
] %}
{% set finetune_tags = [
    'generated_from_trainer', 'generated_from_keras_callback', 'trl', 'sft', 'dpo', 'grpo', 'unsloth',
    'llama-factory', 'axolotl', 'setfit',
] %}

with

listings as (
    select
        *,
        -- As has_tag() reads them: with a comma before each.
        ',' || ltrim(coalesce(tags, '[]'), '[') as tag_text,
        {{ text_of_signs('model_id') }} as searched_id,
        -- Of an old name without a slash, all of it.
        {{ text_of_signs("substr(model_id, strpos(model_id, '/') + 1)") }} as model_name,
        {{ text_of_signs('library_name') }} as searched_library
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

-- Owners write the signs of a relation in any case; a parent is declared as it is written.
with_declared_relation as (
    select
        *,
        {{ text_of_signs('tag_text') }} as searched_tags,
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
            when searched_library = 'peft' or {{ has_tag('searched_tags', 'lora') }} then 'adapter'
            when
                {{ matches('searched_id', quantized_names | join('|')) }}
                or searched_library = 'mlx'
                or {{ has_tag('searched_tags', 'mlx') }}
                or (
                    {{ has_tag('searched_tags', quantized_tags | join('|')) }}
                    and not {{ has_tag('searched_tags', 'safetensors') }}
                )
                then 'quantized'
            when {{ has_tag('searched_tags', 'merge|mergekit') }} then 'merge'
            when
                {{ has_tag('searched_tags', finetune_tags | join('|')) }}
                or {{ matches('searched_id', 'finetun|fine-tun') }}
                then 'finetune'
            else 'none'
        end as relation,
        nullif(regexp_extract(model_name, '{{ active_parameters_in_name }}'), '') as active_in_name
    from with_declared_relation
)

select
    model_key,
    model_id,
    snapshot_date,
    is_listed,
    {{ publisher_of('author', 'model_id') }} as publisher,
    created_at,
    pipeline_tag,
    downloads,
    downloads_all_time,
    likes,
    nullif(substr(regexp_extract(tag_text, ',"license:[^"]+'), 11), '') as licence,
    relation,
    case
        when declared_relation is not null then 'declared'
        when relation <> 'none' then 'inferred'
    end as relation_source,
    case
        when
            {{ has_tag('searched_tags', mixture_of_experts_tags() | join('|')) }}
            or ({{ has_tag('searched_tags', 'llama4') }} and strpos(model_name, 'llama-4') > 0)
            then 'architecture'
        when {{ matches('model_name', mixture_names | join('|')) }} then 'name'
    end as moe_source,
    {{ dbt.safe_cast("regexp_extract(active_in_name, '[0-9]+(?:[.][0-9]+)?')", type_double()) }}
    * case when strpos(active_in_name, 'b') > 0 then 1e9 else 1e6 end as active_parameters_by_name,
    model_name,
    {{ sum_of_dtypes('safetensors_parameters') }} as safetensors_parameters,
    {{ sum_of_dtypes('safetensors_parameters', packed_dtypes) }} as packed_parameters,
    safetensors_total,
    gguf_total
from with_relation
