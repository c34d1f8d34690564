{#
    Expression: the first two numbers of a method version. The third goes up where no figure moves, so that figures of one and the
    same first two are made alike. The same SQL on both engines.
#}
{% macro comparable_method(method_version) -%}
regexp_extract({{ method_version }}, '^[0-9]+[.][0-9]+')
{%- endmacro %}
