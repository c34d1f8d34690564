{#
    Aggregate: the mean of a floating-point expression, the same to the last digit in whatever order its rows come; nulls do
    not count, null where there are only nulls. See exact_sum.
#}
{% macro exact_average(expression, scale=18) -%}
{{ exact_sum(expression, scale) }} / nullif(count({{ expression }}), 0)
{%- endmacro %}
