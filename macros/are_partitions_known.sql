{# Whether to look up dates of snapshots in the relation that has them, for in_partitions. #}
{% macro are_partitions_known(relation) %}{{ return(adapter.dispatch('are_partitions_known', 'hub_observatory')(relation)) }}{% endmacro %}

{% macro default__are_partitions_known(relation) %}{{ not_on_this_engine('are_partitions_known') }}{% endmacro %}

{% macro bigquery__are_partitions_known(relation) %}{{ return(true) }}{% endmacro %}

{# Where nothing is built yet, dbt compile has nothing to look them up in. #}
{% macro duckdb__are_partitions_known(relation) -%}
{{ return(relation is not none and load_relation(ref(relation)) is not none) }}
{%- endmacro %}
