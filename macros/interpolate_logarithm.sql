{#
    The value at a share (0 to 1) of the way from one value to the other, linear in the logarithm.
    The same SQL on both engines.
#}
{% macro interpolate_logarithm(value_before, value_after, share) -%}
    {{ value_before }} * pow({{ value_after }} / {{ value_before }}, {{ share }})
{%- endmacro %}
