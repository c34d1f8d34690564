{# Condition: rows of two queries are of one cell of month, scope and population. #}
{% macro same_cell(left, right) -%}
{%- for column in ['month', 'scope', 'population'] -%}
{{ left }}.{{ column }} = {{ right }}.{{ column }}{{ ' and ' if not loop.last }}
{%- endfor -%}
{%- endmacro %}
