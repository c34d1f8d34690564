{#
    Whether a pattern is found anywhere in a text. Both engines use RE2, so that a pattern means
    the same; write it without backslashes and single quotes, which the engines escape
    differently.

    BigQuery: regexp_contains. DuckDB: regexp_matches.
#}
{% macro matches(text, pattern) %}
    {{ return(adapter.dispatch('matches', 'hub_observatory')(text, pattern)) }}
{% endmacro %}

{% macro default__matches(text, pattern) %}{{ not_on_this_engine('matches') }}{% endmacro %}

{% macro bigquery__matches(text, pattern) %}regexp_contains({{ text }}, '{{ pattern }}'){% endmacro %}

{% macro duckdb__matches(text, pattern) %}regexp_matches({{ text }}, '{{ pattern }}'){% endmacro %}
