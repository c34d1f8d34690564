{#
    Query: some columns of a relation, and one row per string of a JSON text ["a","b"] in another, as column `alias`; no row
    where there is none.

    BigQuery: json_value_array. DuckDB: from_json, which reads the text once, unnested in the select list: a join with unnest()
    would be one on the text, and so copy a text of thousands of strings into thousands of rows.
#}
{% macro unnest_json_strings(relation, columns, text, alias) %}
    {{ return(adapter.dispatch('unnest_json_strings', 'hub_observatory')(relation, columns, text, alias)) }}
{% endmacro %}

{% macro default__unnest_json_strings(relation, columns, text, alias) %}{{ not_on_this_engine('unnest_json_strings') }}{% endmacro %}

{% macro bigquery__unnest_json_strings(relation, columns, text, alias) -%}
select
    {{ columns | join(', ') }},
    {{ alias }}
from {{ relation }}
cross join unnest(json_value_array({{ text }})) as {{ alias }}
{%- endmacro %}

{% macro duckdb__unnest_json_strings(relation, columns, text, alias) -%}
select
    {{ columns | join(', ') }},
    unnest(from_json({{ text }}, '["VARCHAR"]')) as {{ alias }}
from {{ relation }}
{%- endmacro %}
