{#
    Name of the 8-byte floating-point type.

    BigQuery: float64. DuckDB: double; dbt's own type_float() gives the 4-byte float there.
#}
{% macro type_double() %}{{ return(adapter.dispatch('type_double', 'hub_observatory')()) }}{% endmacro %}

{% macro default__type_double() %}{{ not_on_this_engine('type_double') }}{% endmacro %}

{% macro bigquery__type_double() %}float64{% endmacro %}

{% macro duckdb__type_double() %}double{% endmacro %}
