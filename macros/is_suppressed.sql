{#
    Whether a row rests on too few values, or on too small a part of its month's models, to show a
    statistic.
#}
{% macro is_suppressed(values, coverage) -%}
    ({{ values }} < {{ var('min_values') }} or {{ coverage }} < {{ var('min_coverage') }})
{%- endmacro %}
