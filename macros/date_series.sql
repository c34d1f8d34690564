{#
    Query: every month or week from one date to another, both first days of one, as DATE column `month` or `week`.

    BigQuery: generate_date_array. DuckDB: generate_series, whose elements are timestamps.
#}
{% macro date_series(unit, first, last, relation) %}{{ return(adapter.dispatch('date_series', 'hub_observatory')(unit, first, last, relation)) }}{% endmacro %}

{% macro default__date_series(unit, first, last, relation) %}{{ not_on_this_engine('date_series') }}{% endmacro %}

{% macro bigquery__date_series(unit, first, last, relation) -%}
select {{ unit }}
from {{ relation }}
cross join unnest(generate_date_array({{ first }}, {{ last }}, interval 1 {{ unit }})) as {{ unit }}
{%- endmacro %}

{% macro duckdb__date_series(unit, first, last, relation) -%}
select cast({{ unit }} as date) as {{ unit }}
from {{ relation }}
cross join unnest(generate_series({{ first }}, {{ last }}, interval 1 {{ unit }})) as _dates ({{ unit }})
{%- endmacro %}
