{#
    Whether one of a repository's tags matches a pattern as a whole, such as lora or gptq|awq.

    tags is the loader's canonical JSON text with its first bracket turned into a comma: ,"a","b"].
    A quote that opens a tag follows a comma, while one within a tag follows a backslash; so the
    search in the text is as exact as one in a list, in one pass over the column and without an
    array. In the pattern, write [^"] for any character of a tag.
#}
{% macro has_tag(tags, pattern) -%}
    {{ matches(tags, ',"(?:' ~ pattern ~ ')"') }}
{%- endmacro %}
