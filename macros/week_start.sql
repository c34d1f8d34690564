{#
    The Monday of a date's week, as DATE.

    BigQuery: counted back from the day of the week, of which Sunday is 1; a truncation to the week would begin it on Sunday.
    DuckDB: weeks begin on Monday.
#}
{% macro week_start(date) %}{{ return(adapter.dispatch('week_start', 'hub_observatory')(date)) }}{% endmacro %}

{% macro default__week_start(date) %}{{ not_on_this_engine('week_start') }}{% endmacro %}

{% macro bigquery__week_start(date) %}date_sub({{ date }}, interval mod(extract(dayofweek from {{ date }}) + 5, 7) day){% endmacro %}

{% macro duckdb__week_start(date) %}cast(date_trunc('week', {{ date }}) as date){% endmacro %}
