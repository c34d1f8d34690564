{% set relations = ['adapter', 'quantized', 'merge', 'finetune'] %}

with

-- Two names may be of one parent.
edges as (
    select
        model_key,
        parent_key,
        min(
            case relation
                {% for relation in relations -%}
                    when '{{ relation }}' then {{ loop.index }}
                {% endfor -%}
            end
        ) as relation_rank
    from {{ ref('int_parent_name_outcomes') }}
    where outcome = 'edge'
    group by model_key, parent_key
)

select
    model_key,
    parent_key,
    case relation_rank
        {% for relation in relations -%}
            when {{ loop.index }} then '{{ relation }}'
        {% endfor -%}
    end as relation,
    1.0 / count(*) over (partition by model_key) as fraction
from edges
