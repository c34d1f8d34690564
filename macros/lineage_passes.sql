{#
    Query: lineage over more generations, as rows of model, ancestor, fraction, generations and reach.

    W being the fractions of all edges, the rows of reach r are W^(r/2 + 1) + … + W^r, and those of reach 1 are the edges. The
    column fraction_of_reach is W^r alone, null where no way is so long. Each pass doubles the reach: W^r of the pass before,
    times all that is known, gives the ways that are longer by r.

    Args:
        known: relations that hold all passes before, in these columns.
        reach: the largest reach among them.
        passes: how many follow. Few, since BigQuery works a CTE out again wherever it is read.
#}
{% macro lineage_passes(known, reach, passes) -%}
{%- set steps = [] -%}
with

known_{{ reach }} as (
    select
        model_key,
        parent_key as ancestor_key,
        fraction,
        fraction as fraction_of_reach,
        1 as generations,
        1 as reach
    from {{ ref('int_lineage_edges') }}
    {% for relation in known -%}
        union all
        select
            model_key,
            ancestor_key,
            fraction,
            fraction_of_reach,
            generations,
            reach
        from {{ relation }}
    {% endfor %}
),

{% for pass in range(passes) -%}
    {%- set from_reach = reach * 2 ** pass -%}
    {%- do steps.append('reach_' ~ from_reach * 2) -%}
    reach_{{ from_reach * 2 }} as (
        select
            farthest.model_key,
            further.ancestor_key,
            {{ exact_sum('farthest.fraction_of_reach * further.fraction') }} as fraction,
            {{ exact_sum(
                'case when further.reach = ' ~ from_reach ~ ' then farthest.fraction_of_reach * further.fraction_of_reach end'
            ) }} as fraction_of_reach,
            {{ from_reach }} + max(further.generations) as generations,
            {{ from_reach * 2 }} as reach
        from known_{{ from_reach }} as farthest
        inner join known_{{ from_reach }} as further on farthest.ancestor_key = further.model_key
        where farthest.reach = {{ from_reach }} and farthest.fraction_of_reach is not null
        group by farthest.model_key, further.ancestor_key
    ),

    {% if not loop.last -%}
        known_{{ from_reach * 2 }} as (
            select * from known_{{ from_reach }}
            union all
            select * from reach_{{ from_reach * 2 }}
        ),

    {% else -%}
        passes as (
            {% for step in steps -%}
                select * from {{ step }}
                {% if not loop.last -%}
                    union all
                {% endif -%}
            {% endfor -%}
        )

    {% endif -%}
{% endfor -%}
select
    model_key,
    ancestor_key,
    fraction,
    fraction_of_reach,
    generations,
    reach
from passes
{%- endmacro %}
