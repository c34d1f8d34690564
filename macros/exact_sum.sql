{#
    Aggregate: the sum of a floating-point expression, the same to the last digit in whatever order its rows come; nulls do
    not count, null where there are only nulls.

    Floating-point addition depends on the order, and an engine with several threads has none: the same data would give
    other digits in each build. So the terms are added as whole numbers of 10^-scale: both engines have room for 38 digits, so
    that a sum ends below 10^20, or with a smaller scale later. Not as decimals: to turn a sum of decimals into a floating-point
    number takes DuckDB forty times as long.
#}
{% macro exact_sum(expression, scale=18) %}
    {{ return(adapter.dispatch('exact_sum', 'hub_observatory')(expression, scale)) }}
{% endmacro %}

{% macro default__exact_sum(expression, scale) %}{{ not_on_this_engine('exact_sum') }}{% endmacro %}

{% macro bigquery__exact_sum(expression, scale) -%}
(cast(sum(cast(round(({{ expression }}) * 1e{{ scale }}) as bignumeric)) as float64) / 1e{{ scale }})
{%- endmacro %}

{% macro duckdb__exact_sum(expression, scale) -%}
(cast(sum(cast(round(({{ expression }}) * 1e{{ scale }}) as hugeint)) as double) / 1e{{ scale }})
{%- endmacro %}
