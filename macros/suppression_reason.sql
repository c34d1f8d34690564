{#
    Why a row of the first three marts shows no statistic: too_few values, or low_coverage, too small a part of its month's models;
    null where it shows them.
#}
{% macro suppression_reason(values, coverage) -%}
case
    when {{ values }} < {{ var('min_values') }} then 'too_few'
    when {{ coverage }} < {{ var('min_coverage') }} then 'low_coverage'
end
{%- endmacro %}
