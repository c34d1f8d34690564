{#
    The step of a count on a scale of powers of ten, for charts: 0 for none, 1 for 1 and 2, and three more steps for each power of
    ten; null counts as none. The same SQL on both engines.
#}
{% macro step_of_count(number) -%}
case when {{ number }} > 0 then cast(floor(3 * log10({{ number }})) as int64) + 1 else 0 end
{%- endmacro %}
