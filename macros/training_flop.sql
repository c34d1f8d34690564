{#
    FLOP of the training run of a model of so many parameters, at a time in years, by a row of
    training_cost_fits: 10^(a + b log10(N/1e9) + c (t - 2022)). The same SQL on both engines.
#}
{% macro training_flop(parameters, decimal_year, fit) -%}
    pow(
        10,
        {{ fit }}.a
        + {{ fit }}.b * log10({{ parameters }} / 1e9)
        + {{ fit }}.c * (least({{ decimal_year }}, {{ var('fit_ends_at') }}) - 2022)
    )
{%- endmacro %}
