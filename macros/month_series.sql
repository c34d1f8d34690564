{#
    Query: every month from one date to another, both first days of a month, as DATE column
    `month`.

    BigQuery: generate_date_array. DuckDB: generate_series, whose elements are timestamps.
#}
{% macro month_series(first, last, relation) %}
    {{ return(adapter.dispatch('month_series', 'hub_observatory')(first, last, relation)) }}
{% endmacro %}

{% macro default__month_series(first, last, relation) %}{{ not_on_this_engine('month_series') }}{% endmacro %}

{% macro bigquery__month_series(first, last, relation) -%}
select month
from {{ relation }}
cross join unnest(generate_date_array({{ first }}, {{ last }}, interval 1 month)) as month
{%- endmacro %}

{% macro duckdb__month_series(first, last, relation) -%}
select cast(month as date) as month
from {{ relation }}
cross join unnest(generate_series({{ first }}, {{ last }}, interval 1 month)) as _months (month)
{%- endmacro %}
