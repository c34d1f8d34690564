{# Days in a month of age: a twelfth of 365.25. In floating point on both engines. #}
{% macro days_per_month() %}30.4375e0{% endmacro %}
