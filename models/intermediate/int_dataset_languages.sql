with

tag_sets as (
    select distinct tag_set_key
    from {{ ref('int_dataset_tag_keys') }}
),

-- pt-BR and zh_Hant are the languages pt and zh.
codes as (
    select
        tag_set_key,
        nullif(regexp_extract(lower(value), '^[^-_]*'), '') as code
    from {{ ref('int_dataset_tags') }}
    where family = 'language'
),

named as (
    select
        codes.tag_set_key,
        coalesce(normalisation.canonical_code, codes.code) as language
    from codes
    left join {{ ref('language_normalisation') }} as normalisation
        on codes.code = normalisation.raw_code
    where codes.code is not null
),

declared as (
    select distinct
        named.tag_set_key,
        named.language
    from named
    left join {{ ref('non_languages') }} as non_languages on named.language = non_languages.language
    where non_languages.language is null
),

-- What a dataset without a language is counted under.
undeclared as (
    select
        tag_sets.tag_set_key,
        case when count(named.language) > 0 then 'special' else 'not-declared' end as language
    from tag_sets
    left join declared on tag_sets.tag_set_key = declared.tag_set_key
    left join named on tag_sets.tag_set_key = named.tag_set_key
    where declared.tag_set_key is null
    group by tag_sets.tag_set_key
)

select
    *,
    true as is_declared
from declared
union all
select
    *,
    false as is_declared
from undeclared
