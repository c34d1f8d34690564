-- A table: lineage reads it more than once, and it searches the tags of all models.
{% set relations = ['adapter', 'quantized', 'merge', 'finetune'] %}

with

declaring as (
    select
        listings.model_key,
        listings.tags
    from {{ ref('int_model_listings') }} as listings
    left join {{ ref('int_recurring_names') }} as recurring_names on listings.model_key = recurring_names.model_key
    where
        {{ matches('listings.tags', '"base_model:') }}
        and coalesce(recurring_names.is_newest_holder, true)
),

declared as (
    select
        model_key,
        regexp_replace(tag, '^base_model:(?:(?:{{ relations | join('|') }}):)?', '') as parent_name,
        case
            {% for relation in relations[:-1] -%}
                when starts_with(tag, 'base_model:{{ relation }}:') then {{ loop.index }}
            {% endfor -%}
            else {{ relations | length }}
        end as relation_rank
    from ({{ unnest_json_strings('declaring', ['model_key'], 'tags', 'tag') }}) as tags
    where starts_with(tag, 'base_model:')
)

-- Of one parent the Hub has two tags, with a relation and without.
select
    model_key,
    parent_name,
    case min(relation_rank)
        {% for relation in relations -%}
            when {{ loop.index }} then '{{ relation }}'
        {% endfor -%}
    end as relation
from declared
where parent_name <> ''
group by model_key, parent_name
