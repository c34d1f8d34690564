{# The version of docs/methodology.md that a mart's rows follow. #}
{% macro method_version() %}cast('{{ var("method_version") }}' as string){% endmacro %}
