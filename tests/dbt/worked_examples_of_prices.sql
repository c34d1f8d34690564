-- Prices between two mid-years against figures worked out by hand.
--
-- The middle of July 2023 is 0.0416667 years after mid-2023: 6487 x (4409 / 6487)^0.0416667 = 6383.4614.
-- Halfway between 1 and 4 in the logarithm is 2; at either end, the price there.
{% set examples = [
    (6487.0, 4409.0, 0.5 / 12, 6383.4614),
    (1.0, 4.0, 0.5, 2.0),
    (3.0, 4.0, 0.0, 3.0),
    (3.0, 4.0, 1.0, 4.0),
] %}

with

worked_out as (
    {% for price_before, price_after, share, expected in examples %}
        select
            {{ expected }} as expected,
            {{ interpolate_logarithm(price_before, price_after, share) }} as actual
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select *
from worked_out
where abs(actual - expected) > 0.0001
