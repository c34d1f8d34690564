{#
    Schemas are named exactly as in dbt_project.yml, without the profile's schema before them: the
    dashboards read marts, on both engines and for every developer. Only HUB_SCHEMA_PREFIX stands
    before them, where several observatories share a project or a file. loaders/warehouse/schemas.py reads
    it, too, and takes the same ones.

    The variable `aside` stands between the two for what is built beside the published tables; never for
    seeds, which hold the same facts, nor for what is kept for good, which it adds to.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set prefix = env_var('HUB_SCHEMA_PREFIX', '') -%}
    {%- if prefix and (prefix | length > 40 or not modules.re.fullmatch('[a-z][a-z0-9]*(_[a-z0-9]+)*_?', prefix)) -%}
        {{- exceptions.raise_compiler_error(
            'HUB_SCHEMA_PREFIX is ' ~ tojson(prefix) ~ ': give lower-case letters, digits and single underscores, a letter first and '
            ~ '40 at most, such as dev_.'
        ) -}}
    {%- endif -%}
    {%- set in_place = node.resource_type == 'seed' or node.config.full_refresh is false -%}
    {{- prefix }}{{ '' if in_place else var('aside') }}{{ custom_schema_name | trim if custom_schema_name else target.schema -}}
{%- endmacro %}
