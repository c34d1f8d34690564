{#
    Estimated cost of the training run of a model of so many parameters, in current USD: its FLOP at the month's price.

    level is low, central or high; low and high are at a quartile of the fit's residuals. `prices` is a row of
    int_compute_prices, `fits` one of int_training_cost_fits. The same SQL on both engines.
#}
{% macro training_cost(level, parameters, prices='prices', fits='fits') -%}
    {{ training_flop(parameters, prices ~ '.decimal_year', fits) }}
    {%- if level != 'central' %}
    * pow(10, {{ fits }}.residual_{{ level }}_dex)
    {%- endif %}
    / 1e21 * {{ prices }}.usd_per_1e21_flop_{{ level }}
{%- endmacro %}
