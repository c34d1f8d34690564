{#
    The tags of some families, such as language: or license:, as JSON text: a list of strings in the order of the tags.

    The text is searched as in has_tag, since a list for each of a million rows would cost more than all the rest. A quote or a
    backslash within a tag is written as its code first, so that the next quote is always the end of the tag; by chr(), since
    the engines read a backslash in SQL differently. Few texts hold either, and to replace what is not there takes longer than
    the search.
#}
{% macro tags_of_families(tags, families) -%}
{%- set backslash = 'chr(92)' -%}
{%- set coded = "replace(" ~ tags ~ ", " ~ backslash ~ " || " ~ backslash ~ ", " ~ backslash ~ " || 'u005c')" -%}
{%- set coded = "replace(" ~ coded ~ ", " ~ backslash ~ " || '\"', " ~ backslash ~ " || 'u0022')" -%}
'[' || ltrim(
    array_to_string(
        regexp_extract_all(
            ',' || ltrim(
                case when strpos({{ tags }}, {{ backslash }}) > 0 then {{ coded }} else coalesce({{ tags }}, '[]') end, '['
            ),
            ',"(?:{{ families | join("|") }}):[^"]*"'
        ),
        ''
    ),
    ','
) || ']'
{%- endmacro %}
