-- The formula of docs/methodology.md with the seed's own fits, against figures worked out by hand. Where
-- the seed changes, so do the figures.
--
-- nlp, 7e9 parameters, July 2023, t = 2023 + 6.5 / 12 = 2023.541667:
--   x = log10(7) = 0.845098; log10 FLOP = 21.209 + 1.311 x 0.845098 + 0.222 x 1.541667
--   + 0.077 x 0.845098 x 1.541667 - 0.152 x 0.714191 = 21.209 + 1.107923 + 0.342250 + 0.100320 - 0.108557
--   = 22.650937
-- cv, 1e9 parameters, January 2024, t = 2024.041667: 21.372 - 0.027 x 2.041667 = 21.316875
-- default, 1e8 parameters, December 2025, t = 2025.958, not beyond 2025.4:
--   21.398 - 1.077 + 0.215 x 3.4 = 21.052
{% set examples = [
    ('nlp', 7e9, 2023 + 6.5 / 12, 22.6509367),
    ('cv', 1e9, 2024 + 0.5 / 12, 21.316875),
    ('default', 1e8, 2025 + 11.5 / 12, 21.052),
] %}

with

worked_out as (
    {% for category, parameters, decimal_year, expected in examples %}
        select
            '{{ category }}' as category,
            {{ expected }} as expected,
            -- Null, and so a failure, where the category has no fit.
            max(log10({{ training_flop(parameters, decimal_year, 'fits') }})) as actual
        from {{ ref('training_cost_fits') }} as fits
        where fits.category = '{{ category }}'
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select *
from worked_out
where coalesce(abs(actual - expected), 1) > 1e-7
