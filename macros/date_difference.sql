{#
    Expression: how many days or months lie between two dates; of months, how many first days of one.

    BigQuery: date_diff(), the later one first. DuckDB: date_diff(), the unit as text.
#}
{% macro date_difference(unit, first, last) %}{{ return(adapter.dispatch('date_difference', 'hub_observatory')(unit, first, last)) }}{% endmacro %}

{% macro default__date_difference(unit, first, last) %}{{ not_on_this_engine('date_difference') }}{% endmacro %}

{% macro bigquery__date_difference(unit, first, last) %}date_diff({{ last }}, {{ first }}, {{ unit }}){% endmacro %}

{% macro duckdb__date_difference(unit, first, last) %}date_diff('{{ unit }}', {{ first }}, {{ last }}){% endmacro %}
