{# Whether a number of parameters is one that a model can have; null where there is none. #}
{% macro is_valid_size(parameters) -%}
{{ parameters }} between {{ var('min_parameters') }} and {{ var('max_parameters') }}
{%- endmacro %}
