{#
    Condition that goes with a join on dates of snapshots and says the same with constants. The dates are a column of a
    query of snapshots.

    BigQuery prunes partitions by constants only: without this, a build would pay for every month that is kept. The dates are
    looked up when the model is compiled; where there is no warehouse to ask (dbt compile --no-introspect, a unit test with
    its own rows) nothing is pruned, and the join alone decides.

    DuckDB skips other months by itself, but where it makes another join first. It looks them up only where the relation that has
    them is named: not in a batch, which has one month, nor in a view, which would keep the dates of its last build.
#}
{% macro in_partitions(snapshot_date, snapshots, dates, relation=none) -%}
{%- if execute and flags.INTROSPECT and model.resource_type == 'model' and are_partitions_known(relation) -%}
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
