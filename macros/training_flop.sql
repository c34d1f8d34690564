{#
    FLOP of the training run of a model of which so many parameters work at a time, at a time in years, by a row of
    training_cost_fits: 10^(a + b x + c t + d x t + e x^2), x = log10(A / 1e9), t in years from 2022, not beyond the fit's last
    data point. The same SQL on both engines.
#}
{% macro training_flop(active_parameters, decimal_year, fit) -%}
    {%- set x = 'log10(' ~ active_parameters ~ ' / 1e9)' -%}
    {%- set t = '(least(' ~ decimal_year ~ ', ' ~ var('fit_ends_at') ~ ') - 2022)' -%}
    pow(
        10,
        {{ fit }}.a
        + {{ fit }}.b * {{ x }}
        + {{ fit }}.c * {{ t }}
        + {{ fit }}.d * {{ x }} * {{ t }}
        + {{ fit }}.e * {{ x }} * {{ x }}
    )
{%- endmacro %}
