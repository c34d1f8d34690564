{#
    Expression: a column of a table of the loaders, or null where that table is of an older version, which lacks it until
    the next load adds it. The same on both engines.
#}
{% macro column_or_null(table, column, type) -%}
{%- set columns = adapter.get_columns_in_relation(table) | map(attribute='name') | list if execute else [] -%}
{%- if columns and column not in columns -%}
cast(null as {{ type }})
{%- else -%}
{{ column }}
{%- endif -%}
{%- endmacro %}
