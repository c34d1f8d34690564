{#
    Aggregate: the exact quantile p (0 to 1) of a floating-point column, interpolated linearly between the two nearest values
    (PERCENTILE_CONT); nulls do not count, null where there are only nulls. It reads rows of with_ranks, of the same column.

    p is a number, or SQL that is the same for all rows of a group, such as a column or an expression of <column>_count; then
    with_ranks must be told so.

    BigQuery: PERCENTILE_CONT is a window function, and so is each of seven percentiles; APPROX_QUANTILES is not exact; and an
    array of a group's values passes the 100 MB that a row may have at some millions. So the values at the two ranks beside
    the quantile's are weighted by how near they are. DuckDB: quantile_cont, whose p must be a constant; else as BigQuery.
#}
{% macro quantile(column, p) %}
    {{ return(adapter.dispatch('quantile', 'hub_observatory')(column, p)) }}
{% endmacro %}

{% macro default__quantile(column, p) %}{{ not_on_this_engine('quantile') }}{% endmacro %}

{% macro bigquery__quantile(column, p) -%}
{#- Ranks count from the largest value, so that this is how many values are below, less how many should be. -#}
{%- set distance = 'abs(' ~ column ~ '_count - ' ~ column ~ '_rank - (' ~ p ~ ') * (' ~ column ~ '_count - 1))' -%}
sum(case when {{ distance }} < 1 then (1 - {{ distance }}) * {{ column }} end)
{%- endmacro %}

{% macro duckdb__quantile(column, p) -%}
{%- if p is number -%}
    quantile_cont({{ column }}, {{ p }})
{%- else -%}
    {{ hub_observatory.bigquery__quantile(column, p) }}
{%- endif -%}
{%- endmacro %}
