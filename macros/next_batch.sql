{# What stands between two batches of a model. It parts them for create_table_as, too. #}
{% macro next_batch() -%}union all /* the next batch */{%- endmacro %}
