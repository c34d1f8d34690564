{#
    Join clause: one row per string of a JSON text ["a","b"], as column `alias`; no row where
    there is none.

    BigQuery: json_value_array. DuckDB: from_json, which reads the text once.
#}
{% macro unnest_json_strings(text, alias) %}
    {{ return(adapter.dispatch('unnest_json_strings', 'hub_observatory')(text, alias)) }}
{% endmacro %}

{% macro default__unnest_json_strings(text, alias) %}{{ not_on_this_engine('unnest_json_strings') }}{% endmacro %}

{% macro bigquery__unnest_json_strings(text, alias) -%}
cross join unnest(json_value_array({{ text }})) as {{ alias }}
{%- endmacro %}

{% macro duckdb__unnest_json_strings(text, alias) -%}
cross join unnest(from_json({{ text }}, '["VARCHAR"]')) as _{{ alias }} ({{ alias }})
{%- endmacro %}
