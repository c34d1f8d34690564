-- Truth table of the macros: of 10, 20, 40 and 80, quantile p lies at rank 1 + 3 p. Nulls do not count, and a group of
-- nulls has no quantile. p is a number or a column.
{% set shares = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1] %}
{% set expected = [10, 13, 17.5, 30, 50, 68, 80] %}

with

groups_of_numbers as (
    select
        'numbers' as name,
        40.0 as number
    union all
    select
        'numbers' as name,
        10.0 as number
    union all
    select
        'numbers' as name,
        80.0 as number
    union all
    select
        'numbers' as name,
        20.0 as number
    union all
    select
        'numbers' as name,
        null as number
    union all
    select
        'one' as name,
        7.0 as number
    union all
    select
        'none' as name,
        null as number
),

numbers as (
    select
        name,
        {% for share in shares -%}
            {{ share }} as share_{{ loop.index }},
        {% endfor -%}
        cast(number as {{ type_double() }}) as number
    from groups_of_numbers
),

quantiles as (
    {% for p_varies in [false, true] -%}
        select
            {% for share in shares -%}
                {{ quantile('number', 'share_' ~ loop.index if p_varies else share) }} as q{{ loop.index }},
            {% endfor -%}
            name
        from {{ with_ranks('numbers', ['number'], ['name'], p_varies) }} as numbers
        group by name
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select *
from quantiles
where
    case
        {% for case, values in {'numbers': expected, 'one': [7] * 7}.items() -%}
            {% for value in values -%}
                when name = '{{ case }}' and not coalesce(abs(q{{ loop.index }} - {{ value }}) < 1e-9, false) then true
            {% endfor -%}
        {% endfor -%}
        {% for share in shares -%}
            when name = 'none' and q{{ loop.index }} is not null then true
        {% endfor -%}
        else false
    end
