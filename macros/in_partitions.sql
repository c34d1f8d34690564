{#
    Condition that goes with a join on dates of snapshots and says the same with constants. The dates are a column of a
    query of snapshots.

    BigQuery prunes partitions by constants only: without this, a build would pay for every month that is kept. The dates are
    looked up when the model is compiled; where there is no warehouse to ask (dbt compile --no-introspect, a unit test with
    its own rows) nothing is pruned, and the join alone decides. DuckDB skips other months by itself.
#}
{% macro in_partitions(snapshot_date, snapshots, dates) %}{{ return(adapter.dispatch('in_partitions', 'hub_observatory')(snapshot_date, snapshots, dates)) }}{% endmacro %}

{% macro default__in_partitions(snapshot_date, snapshots, dates) %}{{ not_on_this_engine('in_partitions') }}{% endmacro %}

{% macro bigquery__in_partitions(snapshot_date, snapshots, dates) -%}
{%- if execute and flags.INTROSPECT and model.resource_type == 'model' -%}
    {%- set found = run_query(snapshots).columns[dates].values() | select | list -%}
    {%- if found -%}
        {{ snapshot_date }} in (date '{{ found | join("', date '") }}')
    {%- else -%}
        false
    {%- endif -%}
{%- else -%}
    true
{%- endif -%}
{%- endmacro %}

{% macro duckdb__in_partitions(snapshot_date, snapshots, dates) %}true{% endmacro %}
