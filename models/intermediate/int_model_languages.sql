with

tag_sets as (
    select distinct short_tags
    from {{ ref('int_model_uses') }}
),

tags as (
    select distinct
        short_tags,
        tag
    from ({{ unnest_json_strings('tag_sets', ['short_tags'], 'short_tags', 'tag') }}) as unnested
),

declared as (
    select distinct
        tags.short_tags,
        coalesce(normalisation.canonical_code, languages.language) as language
    from tags
    left join {{ ref('language_normalisation') }} as normalisation on tags.tag = normalisation.raw_code
    -- A tag of three letters is seldom a language, one of two that some list has mostly is.
    left join (
        select language
        from {{ ref('languages') }}
        where length(language) = 2
    ) as languages
        on tags.tag = languages.language
)

select
    tag_sets.short_tags,
    coalesce(declared.language, 'not-declared') as language,
    1.0 / count(*) over (partition by tag_sets.short_tags) as fraction
from tag_sets
left join declared
    on
        tag_sets.short_tags = declared.short_tags
        and declared.language is not null
