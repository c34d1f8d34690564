-- The children that hand most on, by level. What a model hands on is its own downloads, and what its children do.
{% set shown = [5, 3] %}

with

models as (
    select
        model_key,
        model_id
    from {{ ref('int_models') }}
),

reach as (
    select * from {{ ref('int_model_reach') }}
),

edges as (
    select * from {{ ref('int_lineage_edges') }}
),

largest as (
    select
        reach.model_key,
        models.model_id
    from reach
    inner join models on reach.model_key = models.model_key
    where reach.is_root and reach.depth > 0
    order by reach.reach_downloads desc, reach.descendants desc, models.model_id
    limit 1
),

level_0 as (
    select
        reach.model_key,
        largest.model_id,
        cast(null as {{ dbt.type_string() }}) as relation,
        cast(1 as {{ type_double() }}) as fraction,
        reach.downloads,
        reach.reach_downloads,
        reach.descendants,
        1 as models,
        0 as place
    from largest
    inner join reach on largest.model_key = reach.model_key
),

{% for number in shown -%}
    {% set level = loop.index -%}
    {% set places = 100 ** (shown | length - level) -%}
    children_{{ level }} as (
        select
            edges.model_key,
            models.model_id,
            edges.relation,
            level_{{ level - 1 }}.fraction * edges.fraction as fraction,
            reach.downloads,
            reach.reach_downloads,
            reach.descendants,
            level_{{ level - 1 }}.place as parents_place,
            row_number() over (
                partition by level_{{ level - 1 }}.place
                order by edges.fraction * reach.reach_downloads desc, reach.descendants desc, models.model_id
            ) as child_rank
        from level_{{ level - 1 }}
        inner join edges on level_{{ level - 1 }}.model_key = edges.parent_key
        inner join reach on edges.model_key = reach.model_key
        inner join models on edges.model_key = models.model_key
        where level_{{ level - 1 }}.models = 1
    ),

    level_{{ level }} as (
        select
            model_key,
            model_id,
            relation,
            fraction,
            downloads,
            reach_downloads,
            descendants,
            1 as models,
            parents_place + child_rank * {{ places }} as place
        from children_{{ level }}
        where child_rank <= {{ number }}
        union all
        select
            null as model_key,
            null as model_id,
            null as relation,
            null as fraction,
            null as downloads,
            {{ exact_sum('fraction * reach_downloads', 12) }} as reach_downloads,
            {{ exact_sum('fraction * descendants', 12) }} as descendants,
            count(*) as models,
            parents_place + 99 * {{ places }} as place
        from children_{{ level }}
        where child_rank > {{ number }}
        group by parents_place
    ),

{% endfor -%}
levels as (
    {% for level in range(shown | length + 1) -%}
        select
            {{ level }} as level,
            model_id,
            relation,
            coalesce(fraction, 1.0) as fraction,
            downloads,
            reach_downloads,
            descendants,
            models,
            place
        from level_{{ level }}
        {% if not loop.last -%}
            union all
        {% endif -%}
    {% endfor -%}
)

select
    cast(row_number() over (order by place) as int64) as place,
    cast(level as int64) as level,
    model_id,
    relation,
    cast(models as int64) as models,
    cast(fraction as {{ type_double() }}) as fraction,
    cast(fraction * reach_downloads as {{ type_double() }}) as reach_downloads,
    cast(fraction * descendants as {{ type_double() }}) as descendants
from levels
