with

occurring as (
    select distinct
        language,
        is_declared
    from {{ ref('int_dataset_languages') }}
),

known as (
    select
        language,
        language_name
    from {{ ref('languages') }}
)

select
    occurring.language,
    case
        when occurring.language = 'special' then 'Special'
        when occurring.language = 'not-declared' then 'Not declared'
        else coalesce(known.language_name, occurring.language)
    end as language_name,
    case
        when not occurring.is_declared then occurring.language
        when known.language is not null then 'iso'
        else 'unrecognised'
    end as language_kind
from occurring
left join known on occurring.language = known.language
