{# List: the columns that make a cell, the row of the three marts by scope. #}
{% macro cell_columns() -%}
{{ return(['month', 'scope', 'population']) }}
{%- endmacro %}
