{# Expression: how far a date is on the way from an earlier to a later one, from 0 to 1; 0 where they are one. #}
{% macro share_of_days(earlier, date, later) -%}
coalesce(
    cast({{ date_difference('day', earlier, date) }} as {{ type_double() }})
    / nullif({{ date_difference('day', earlier, later) }}, 0),
    0.0
)
{%- endmacro %}
