{#
    The classes of size, as (billions of parameters, name) from above: each begins at its number, and ends where the one above it
    begins.
#}
{% macro size_bands() %}
{{ return([
    (100, '100b_and_more'), (35, '35b_to_100b'), (10, '10b_to_35b'), (4, '4b_to_10b'), (1, '1b_to_4b'), (0, 'under_1b'),
]) }}
{% endmacro %}
