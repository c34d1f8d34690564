{#
    Schemas are named exactly as in dbt_project.yml, without the profile's schema before them: the
    dashboards read marts, on both engines and for every developer.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
