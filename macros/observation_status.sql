{#
    What a reader must know of a row before anything else, by SDMX's code list CL_OBS_STATUS: Q suppressed, P of a month that still
    runs, U of low reliability, else the ordinary status: A normal, or E estimated.
#}
{% macro observation_status(is_complete, is_suppressed='false', is_low_reliability='false', ordinary='A') -%}
case
    when {{ is_suppressed }} then 'Q'
    when not {{ is_complete }} then 'P'
    when {{ is_low_reliability }} then 'U'
    else '{{ ordinary }}'
end
{%- endmacro %}
