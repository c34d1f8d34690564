{#
    A loaded timestamp as the engine's plain timestamp in UTC.

    BigQuery: a TIMESTAMP is an instant in UTC already. DuckDB: the loader writes TIMESTAMPTZ,
    whose date would depend on the session's time zone; without its zone it does not. By way of
    the epoch, since `at time zone` takes 20 times as long.
#}
{% macro utc_timestamp(column) %}
    {{ return(adapter.dispatch('utc_timestamp', 'hub_observatory')(column)) }}
{% endmacro %}

{% macro default__utc_timestamp(column) %}{{ not_on_this_engine('utc_timestamp') }}{% endmacro %}

{% macro bigquery__utc_timestamp(column) %}{{ column }}{% endmacro %}

{% macro duckdb__utc_timestamp(column) %}make_timestamp(epoch_us({{ column }})){% endmacro %}
