{#
    Aggregate: the value in the row with the latest or the earliest date, such as value_at('latest', …); rows without a date do
    not count. Where no row has a date the value means nothing.

    BigQuery: any_value() having max or min. DuckDB: max_by and min_by.
#}
{% macro value_at(end, value, date) %}{{ return(adapter.dispatch('value_at', 'hub_observatory')(end, value, date)) }}{% endmacro %}

{% macro default__value_at(end, value, date) %}{{ not_on_this_engine('value_at') }}{% endmacro %}

{% macro bigquery__value_at(end, value, date) -%}
any_value({{ value }} having {{ {'latest': 'max', 'earliest': 'min'}[end] }} {{ date }})
{%- endmacro %}

{% macro duckdb__value_at(end, value, date) -%}
{{ {'latest': 'max', 'earliest': 'min'}[end] }}_by({{ value }}, {{ date }})
{%- endmacro %}
