{#
    Whether a statistic rests on too little to be relied on: on fewer than 10 publishers, on a median whose interval is wider than a
    factor of 4, or, where no parent is known, on fewer than 30 models that are the first of their size.
#}
{% macro is_low_reliability(publishers, low, high, population, models_first_of_size) -%}
(
    {{ publishers }} < {{ var('min_publishers') }}
    or {{ high }} > {{ var('max_interval_ratio') }} * {{ low }}
    or ({{ population }} = 'no_known_parent' and {{ models_first_of_size }} < {{ var('min_values') }})
)
{%- endmacro %}
