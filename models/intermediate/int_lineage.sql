{% set passes = ['int_lineage_to_8', 'int_lineage_to_64', 'int_lineage_to_512'] %}

with

ways as (
    select
        model_key,
        parent_key as ancestor_key,
        fraction,
        1 as generations,
        cast(null as {{ type_double() }}) as fraction_not_followed
    from {{ ref('int_lineage_edges') }}
    {% for relation in passes -%}
        union all
        select
            model_key,
            ancestor_key,
            fraction,
            generations,
            {{ 'case when reach = 512 then fraction_of_reach end' if loop.last else 'null' }} as fraction_not_followed
        from {{ ref(relation) }}
    {% endfor %}
),

with_parents as (
    select distinct model_key
    from {{ ref('int_lineage_edges') }}
)

select
    ways.model_key,
    ways.ancestor_key,
    {{ exact_sum('ways.fraction') }} as fraction,
    max(ways.generations) as generations,
    with_parents.model_key is null as is_root,
    case when with_parents.model_key is not null then {{ exact_sum('ways.fraction_not_followed') }} end
        as fraction_not_followed
from ways
left join with_parents on ways.ancestor_key = with_parents.model_key
group by ways.model_key, ways.ancestor_key, with_parents.model_key
