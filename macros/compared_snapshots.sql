{# List: the columns that say which snapshot was compared with which, and when each of them was loaded. #}
{% macro compared_snapshots() -%}
{{ return(['snapshot_date', 'previous_snapshot_date', 'loaded_at', 'previous_loaded_at']) }}
{%- endmacro %}
