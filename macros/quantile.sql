{#
    Aggregate: the exact quantile p (0 to 1) of a floating-point expression, interpolated linearly
    between the two nearest values (PERCENTILE_CONT); nulls do not count, null where there are
    only nulls.

    BigQuery: PERCENTILE_CONT is a window function and APPROX_QUANTILES is not exact, so the
    two neighbours are picked from the sorted values. DuckDB: quantile_cont.
#}
{% macro quantile(expression, p) %}
    {{ return(adapter.dispatch('quantile', 'hub_observatory')(expression, p)) }}
{% endmacro %}

{% macro default__quantile(expression, p) %}{{ not_on_this_engine('quantile') }}{% endmacro %}

{% macro bigquery__quantile(expression, p) -%}
{%- set rank = p ~ ' * (count(' ~ expression ~ ') - 1)' -%}
{%- set sorted = 'array_agg(' ~ expression ~ ' ignore nulls order by ' ~ expression ~ ')' -%}
{%- set below = sorted ~ '[safe_ordinal(cast(floor(' ~ rank ~ ') as int64) + 1)]' -%}
{%- set above = sorted ~ '[safe_ordinal(cast(ceil(' ~ rank ~ ') as int64) + 1)]' -%}
({{ below }} + ({{ above }} - {{ below }}) * ({{ rank }} - floor({{ rank }})))
{%- endmacro %}

{% macro duckdb__quantile(expression, p) %}quantile_cont({{ expression }}, {{ p }}){% endmacro %}
