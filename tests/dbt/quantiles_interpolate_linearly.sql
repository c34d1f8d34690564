-- Truth table of the macro: of 10, 20, 40 and 80, quantile p lies at rank 1 + 3 p. Nulls do not count.
with

numbers as (
    select 40.0 as number
    union all
    select 10.0
    union all
    select 80.0
    union all
    select 20.0
    union all
    select null
),

quantiles as (
    select
        {% for p in [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1] -%}
            {{ quantile('cast(number as ' ~ type_double() ~ ')', p) }} as q{{ loop.index }},
        {% endfor -%}
        count(*) as numbers
    from numbers
)

select *
from quantiles
where not (
    abs(q1 - 10) < 1e-9
    and abs(q2 - 13) < 1e-9
    and abs(q3 - 17.5) < 1e-9
    and abs(q4 - 30) < 1e-9
    and abs(q5 - 50) < 1e-9
    and abs(q6 - 68) < 1e-9
    and abs(q7 - 80) < 1e-9
)
