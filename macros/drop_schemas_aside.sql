{# Operation: drops the schemas that builds with the variable `aside` have made, with all that is in them. #}
{% macro drop_schemas_aside() %}
    {%- set prefix = env_var('HUB_SCHEMA_PREFIX', '') ~ var('aside') -%}
    {%- set models = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') -%}
    {#- Where the variable is not set, they would be the published ones. -#}
    {%- for schema in models | map(attribute='schema') | unique if var('aside') and schema.startswith(prefix) -%}
        {%- do adapter.drop_schema(api.Relation.create(database=target.database, schema=schema)) -%}
    {%- endfor -%}
{% endmacro %}
