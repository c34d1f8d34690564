{#
    Makes a table on DuckDB in the place of the one before it, in one transaction: a build that fails or is killed leaves that one.
    dbt's own makes it beside, renames both and looks for indexes and foreign keys, of which there are none here: a seventh of a
    small build.
#}
{% materialization table, adapter='duckdb' %}
    {%- set before = load_cached_relation(this) -%}
    {%- set table = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {%- do adapter.ensure_transaction() -%}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if before -%}{%- do adapter.drop_relation(before) -%}{%- endif -%}
    {% call statement('main') -%}
        {{ create_table_as(False, table, compiled_code) }}
    {%- endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do persist_docs(table, model) -%}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [table]}) }}
{% endmaterialization %}
