{# Expression: the publisher of a repository: its author, else the part of its name before the slash, else null. #}
{% macro publisher_of(author, repository_id) -%}
coalesce(
    {{ author }},
    case
        when strpos({{ repository_id }}, '/') > 0
            then substr({{ repository_id }}, 1, strpos({{ repository_id }}, '/') - 1)
    end
)
{%- endmacro %}
