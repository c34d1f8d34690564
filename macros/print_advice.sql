{#
    What to do about the models and tests that failed in a run. dbt prints the reason of each below it.

    Args:
        failed: their nodes.
        took: the run, and how long it took.
#}
{% macro print_advice(failed, took) %}
    {%- for node in failed -%}
        {%- do print('FAILED ' ~ node.name ~ ': ' ~ (node.compiled_path or node.original_file_path)) -%}
    {%- endfor -%}
    {%- for node in failed if node.config.materialized == 'incremental' and not flags.FULL_REFRESH -%}
        {%- if loop.first -%}
            {%- do print('If an older version built this database, build it anew: dbt build --full-refresh') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do print('error: ' ~ took ~ ', ' ~ failed | length ~ ' failed, for the reasons below. What failed or was skipped '
        ~ 'stands as it was before: mend the cause and run it again.') -%}
{% endmacro %}
