{#
    Setting partition_by of a model: by day, of a DATE column.

    BigQuery: a reader of one snapshot pays for one, and a hook that deletes one touches no other. DuckDB has no partitions in
    its own files; its adapter refuses the setting.
#}
{% macro partition_by_date(column) %}{{ return(adapter.dispatch('partition_by_date', 'hub_observatory')(column)) }}{% endmacro %}

{% macro default__partition_by_date(column) %}{{ not_on_this_engine('partition_by_date') }}{% endmacro %}

{% macro bigquery__partition_by_date(column) %}{{ return({'field': column, 'data_type': 'date'}) }}{% endmacro %}

{% macro duckdb__partition_by_date(column) %}{{ return(none) }}{% endmacro %}
