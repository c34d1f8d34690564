{#
    Table expression: the rows of a relation, ready for quantiles of some columns. Each of them comes with <column>_rank, the
    rank of its value in its group, the largest first and nulls last, and with <column>_count, the values of the group.

    groups are the columns of the GROUP BY; none for one group of all rows. p_varies says that the p of a quantile is SQL.

    BigQuery: window functions, one sort for all the quantiles of a column. DuckDB: where each p is a number, its own
    aggregate needs no ranks and is faster without.
#}
{% macro with_ranks(relation, columns, groups=[], p_varies=false) %}
    {{ return(adapter.dispatch('with_ranks', 'hub_observatory')(relation, columns, groups, p_varies)) }}
{% endmacro %}

{% macro default__with_ranks(relation, columns, groups, p_varies) %}{{ not_on_this_engine('with_ranks') }}{% endmacro %}

{% macro bigquery__with_ranks(relation, columns, groups, p_varies) -%}
{#- On both engines NULL is last in a descending order, and no other order of nulls is the same on both. -#}
{%- set group = 'partition by ' ~ groups | join(', ') if groups else '' -%}
(
    select
        *,
        {% for column in columns -%}
            row_number() over ({{ group }} order by {{ column }} desc) as {{ column }}_rank,
            count({{ column }}) over ({{ group }}) as {{ column }}_count{{ ',' if not loop.last }}
        {% endfor -%}
    from {{ relation }}
)
{%- endmacro %}

{% macro duckdb__with_ranks(relation, columns, groups, p_varies) -%}
{{ hub_observatory.bigquery__with_ranks(relation, columns, groups, p_varies) if p_varies else relation }}
{%- endmacro %}
