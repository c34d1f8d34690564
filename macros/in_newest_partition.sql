{#
    Condition that goes with a join on the newest snapshot's date and says the same with a constant.

    BigQuery prunes partitions by constants only: without this, a build would pay for every month that is kept. The date is
    looked up when the model is compiled; where there is no warehouse to ask (dbt compile --no-introspect, a unit test with
    its own rows) nothing is pruned, and the join alone decides. DuckDB skips other months by itself.
#}
{% macro in_newest_partition(snapshot_date, kind) %}{{ return(adapter.dispatch('in_newest_partition', 'hub_observatory')(snapshot_date, kind)) }}{% endmacro %}

{% macro default__in_newest_partition(snapshot_date, kind) %}{{ not_on_this_engine('in_newest_partition') }}{% endmacro %}

{% macro bigquery__in_newest_partition(snapshot_date, kind) -%}
{%- set newest = none -%}
{%- if execute and flags.INTROSPECT and model.resource_type == 'model' -%}
    {%- set query -%}
        select max(snapshot_date) from {{ ref('int_snapshots') }} where is_newest and kind = '{{ kind }}'
    {%- endset -%}
    {%- set newest = run_query(query).columns[0].values()[0] -%}
{%- endif -%}
{%- if newest -%}
    {{ snapshot_date }} = date '{{ newest }}'
{%- else -%}
    true
{%- endif -%}
{%- endmacro %}

{% macro duckdb__in_newest_partition(snapshot_date, kind) %}true{% endmacro %}
