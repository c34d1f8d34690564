{#
    Hook at the end of a run: prints the reasons of the tests that warned. dbt itself only counts them, and who is woken by a
    warning should not have to look for the query.
#}
{% macro explain_warnings() %}
    {%- if execute -%}
        {%- for result in results if result.status == 'warn' and 'guards' in result.node.fqn -%}
            {%- for row in run_query('select reason from (' ~ result.node.compiled_code ~ ') as warnings limit 10').rows -%}
                {%- do log('WARNING ' ~ result.node.name ~ ': ' ~ tojson(row[0]), info=true) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}
