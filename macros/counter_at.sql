{#
    Expression: the all-time counter of a repository at a month's first instant, null where it cannot be known. The side, start or
    end, names the columns that hold its counters around that instant.
#}
{% macro counter_at(boundary, side) -%}
{%- set before, after = 'nearest.before_' ~ side, 'nearest.after_' ~ side -%}
{%- set count_before, count_after = 'nearest.count_before_' ~ side, 'nearest.count_after_' ~ side -%}
case
    when {{ before }} is not null and {{ after }} is not null
        then {{ count_before }}
            + ({{ count_after }} - {{ count_before }}) * {{ share_of_days(before, boundary, after) }}
    -- It is gone since.
    when {{ before }} is not null then cast({{ count_before }} as {{ type_double() }})
    when {{ after }} is null then null
    when nearest.created_at >= cast({{ boundary }} as timestamp) then 0.0
    when nearest.created_at >= cast(months.{{ side }}_before as timestamp)
        then cast({{ count_after }} as {{ type_double() }})
            * {{ dbt.datediff('nearest.created_at', 'cast(' ~ boundary ~ ' as timestamp)', 'microsecond') }}
            / {{ dbt.datediff('nearest.created_at', 'cast(' ~ after ~ ' as timestamp)', 'microsecond') }}
end
{%- endmacro %}
