{# Condition: rows of two queries are of one cell. #}
{% macro same_cell(left, right) -%}
{%- for column in cell_columns() -%}
{{ left }}.{{ column }} = {{ right }}.{{ column }}{{ ' and ' if not loop.last }}
{%- endfor -%}
{%- endmacro %}
