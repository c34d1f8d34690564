{#
    List: queries that together give the rows of missing_snapshots, each so few that an engine has room for what a model makes of
    them. The keys are the columns that tell one of them from another among those of the relation that the condition is true of.

    DuckDB: one for each row, so that a first build over years of snapshots needs the memory of one. They are looked up when the
    model is compiled; where there is no warehouse to ask, or nothing to look up yet, one for all. BigQuery: one for all, since it
    has the room.
#}
{% macro batches(missing, keys, relation='int_snapshots', where='true') %}{{ return(adapter.dispatch('batches', 'hub_observatory')(missing, keys, relation, where)) }}{% endmacro %}

{% macro default__batches(missing, keys, relation, where) %}{{ not_on_this_engine('batches') }}{% endmacro %}

{% macro bigquery__batches(missing, keys, relation, where) %}{{ return([missing]) }}{% endmacro %}

{% macro duckdb__batches(missing, keys, relation, where) -%}
{%- set batches = [] -%}
{%- if not (execute and flags.INTROSPECT and model.resource_type == 'model' and load_relation(ref(relation))) -%}
    {{ return([missing]) }}
{%- endif -%}
    {%- for row in run_query(missing).rows -%}
        {%- set conditions = [where] -%}
        {%- for key in keys -%}
            {%- do conditions.append(key ~ " = '" ~ row[key] ~ "'") -%}
        {%- endfor -%}
        {%- do batches.append('select * from ' ~ ref(relation) ~ ' where ' ~ conditions | join(' and ')) -%}
    {%- endfor -%}
{{ return(batches or ['select * from ' ~ ref(relation) ~ ' where false']) }}
{%- endmacro %}
