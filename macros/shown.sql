{#
    A statistic of a cell as its mart shows it: null in a suppressed row, and where it rests on fewer values than a
    statistic must.
#}
{% macro shown(statistic, values=none) -%}
cast(
    case
        when not cells.is_suppressed{% if values %} and {{ values }} >= {{ var('min_values') }}{% endif %} then {{ statistic }}
    end as {{ type_double() }}
)
{%- endmacro %}
