{# Hook at the start of a run: prints what is going to be done, since --log-level warn leaves out all that goes well. #}
{% macro print_start() %}
    {%- if execute -%}
        {%- set kinds = [] -%}
        {%- for unique_id in selected_resources -%}{%- do kinds.append(unique_id.split('.')[0]) -%}{%- endfor -%}
        {%- set counts = [] -%}
        {%- for kind, name in [('seed', 'seeds'), ('model', 'models'), ('unit_test', 'unit tests'), ('test', 'data tests')]
            if kind in kinds -%}
            {%- do counts.append(kinds.count(kind) ~ ' ' ~ name) -%}
        {%- endfor -%}
        {%- do print('dbt ' ~ flags.WHICH ~ ' on ' ~ target.name ~ ': ' ~ counts | join(', ')) -%}
    {%- endif -%}
{% endmacro %}
