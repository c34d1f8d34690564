{#
    Expression: a key of a text, 64 characters however long it is, the same on both engines: SHA-256 in hexadecimal digits.
    MD5 would not do, since strangers could make two texts with one key.

    BigQuery: to_hex(sha256()). DuckDB: sha256().
#}
{% macro text_key(text) %}{{ return(adapter.dispatch('text_key', 'hub_observatory')(text)) }}{% endmacro %}

{% macro default__text_key(text) %}{{ not_on_this_engine('text_key') }}{% endmacro %}

{% macro bigquery__text_key(text) %}to_hex(sha256({{ text }})){% endmacro %}

{% macro duckdb__text_key(text) %}sha256({{ text }}){% endmacro %}
