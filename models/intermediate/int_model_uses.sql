{% set attributes = [
    'category', 'task', 'relation', 'size_band', 'year_created', 'library', 'licence_class', 'short_tags',
] %}
{% set short_tags = ',"[a-zA-Z]{2,3}"' %}

with

-- A code of a language is a tag of two or three letters. Of the many tags of a model these are few.
listings as (
    select
        model_key,
        library_name,
        lower(
            array_to_string(regexp_extract_all(',' || ltrim(coalesce(tags, '[]'), '['), '{{ short_tags }}'), '')
        ) as short_tags
    from {{ ref('int_model_listings') }}
),

uses as (
    select
        repositories.unit_number,
        models.category,
        models.task,
        models.relation,
        models.size_band,
        {{ year_created('models') }} as year_created,
        coalesce(listings.library_name, 'not-declared') as library,
        licences.licence_class,
        '[' || ltrim(listings.short_tags, ',') || ']' as short_tags
    from {{ ref('int_repositories') }} as repositories
    left join {{ ref('int_former_holders') }} as former on repositories.unit_key = former.unit_key
    inner join {{ ref('int_models') }} as models
        on models.model_key = coalesce(former.model_key, repositories.unit_key)
    inner join {{ ref('int_model_licences') }} as licences on models.model_key = licences.model_key
    inner join listings on models.model_key = listings.model_key
    where repositories.kind = 'models'
)

select
    *,
    min(unit_number) over (partition by {{ attributes | join(', ') }}) as use_number
from uses
