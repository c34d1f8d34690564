-- Intervals that count publishers, against figures worked out by hand.
--
-- pair: one publisher has 1e6 twice, two others 1e8 each. The mean logarithm is that of 1e7, each value a power of ten
-- from it; by publisher the sums are -2, +1 and +1, their squares add up to 6; 3/2 x 6 = 9, so that the standard error
-- is 3 / 4 powers of ten: 10^(7 -+ 1.47). The median's share is 2/4; by publisher 1, -1/2 and -1/2; v = 3/2 x 1.5 / 16,
-- h = 1.96 x 0.375 = 0.735, more than a half: from the lowest value to the highest.
-- nine: nine publishers have 1 to 9. Rank 5 is 5, its share 5/9; v = 9/8 x (5 x (4/9)^2 + 4 x (5/9)^2) / 81 = 2.5 / 81,
-- h = 1.96 x 0.175682 = 0.344337; the ranks are 8 x 0.155663 = 1.245304 and 8 x 0.844337 = 6.754696, from 0.
-- alone: a single publisher has no interval.
{% set values = {
    'pair': [('a', 1e6), ('a', 1e6), ('b', 1e8), ('c', 1e8)],
    'nine': [
        ('a', 1), ('b', 2), ('c', 3), ('d', 4), ('e', 5), ('f', 6), ('g', 7), ('h', 8), ('i', 9),
    ],
    'alone': [('a', 1), ('a', 2)],
} %}
{% set expected = [
    ('pair', 3, 1e6, 1e8, 338844.156139, 295120922.666639),
    ('nine', 9, 2.245304, 7.754696, none, none),
    ('alone', 1, none, none, none, none),
] %}

with

models as (
    {% for cell, pairs in values.items() %}
        {%- set last_cell = loop.last %}
        {% for publisher, value in pairs %}
            select
                '{{ cell }}' as cell_id,
                '{{ publisher }}' as publisher_key,
                cast({{ value }} as {{ type_double() }}) as value
            {{ 'union all' if not (loop.last and last_cell) }}
        {% endfor %}
    {% endfor %}
),

intervals as (
    {{ clustered_intervals('models', 'value') }}
),

worked_out as (
    {% for cell, publishers, low, high, geometric_low, geometric_high in expected %}
        select
            '{{ cell }}' as cell_id,
            {{ publishers }} as publishers,
            cast({{ low or 'null' }} as {{ type_double() }}) as low,
            cast({{ high or 'null' }} as {{ type_double() }}) as high,
            cast({{ geometric_low or 'null' }} as {{ type_double() }}) as geometric_low,
            cast({{ geometric_high or 'null' }} as {{ type_double() }}) as geometric_high
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

compared as (
    select
        worked_out.*,
        intervals.publishers as publishers_found,
        intervals.median_ci_low,
        intervals.median_ci_high,
        exp(intervals.mean_ln - 1.96 * intervals.standard_error_ln) as geometric_mean_ci_low,
        exp(intervals.mean_ln + 1.96 * intervals.standard_error_ln) as geometric_mean_ci_high
    from worked_out
    left join intervals on worked_out.cell_id = intervals.cell_id
)

select *
from compared
where
    coalesce(publishers_found, 0) <> publishers
    or (low is null) <> (median_ci_low is null)
    or (high is null) <> (median_ci_high is null)
    or abs(median_ci_low / low - 1) > 1e-6
    or abs(median_ci_high / high - 1) > 1e-6
    or abs(geometric_mean_ci_low / geometric_low - 1) > 1e-6
    or abs(geometric_mean_ci_high / geometric_high - 1) > 1e-6
    or (cell_id = 'alone' and geometric_mean_ci_low is not null)
