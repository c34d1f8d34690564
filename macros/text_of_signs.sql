{#
    The text in which signs of a relation, a mixture of experts or packed weights are looked for: in lower case, since owners
    write them in any.
#}
{% macro text_of_signs(text) -%}
{{ 'lower(' ~ text ~ ')' if var('signs_in_lower_case') else text }}
{%- endmacro %}
