with

listings as (
    select
        snapshot_date,
        dataset_key
    from {{ ref('int_dataset_listings') }}
),

-- pt-BR and zh_Hant are the languages pt and zh.
codes as (
    select
        snapshot_date,
        dataset_key,
        nullif(regexp_extract(lower(value), '^[^-_]*'), '') as code
    from {{ ref('int_dataset_tags') }}
    where family = 'language'
),

named as (
    select
        codes.snapshot_date,
        codes.dataset_key,
        coalesce(normalisation.canonical_code, codes.code) as language
    from codes
    left join {{ ref('language_normalisation') }} as normalisation
        on codes.code = normalisation.raw_code
    where codes.code is not null
),

declared as (
    select distinct
        named.snapshot_date,
        named.dataset_key,
        named.language
    from named
    left join {{ ref('non_languages') }} as non_languages on named.language = non_languages.language
    where non_languages.language is null
),

-- What a dataset without a language is counted under.
undeclared as (
    select
        listings.snapshot_date,
        listings.dataset_key,
        case when count(named.language) > 0 then 'special' else 'not-declared' end as language
    from listings
    left join declared
        on
            listings.snapshot_date = declared.snapshot_date
            and listings.dataset_key = declared.dataset_key
    left join named
        on
            listings.snapshot_date = named.snapshot_date
            and listings.dataset_key = named.dataset_key
    where declared.dataset_key is null
    group by listings.snapshot_date, listings.dataset_key
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
