{# What a dispatched macro does on an engine for which nobody wrote it: stop, and say so. #}
{% macro not_on_this_engine(name) %}
    {{ exceptions.raise_compiler_error(
        "The macro " ~ name ~ " is written for BigQuery and DuckDB, not for " ~ target.type ~ "."
    ) }}
{% endmacro %}
