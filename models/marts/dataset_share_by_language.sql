with

listings as (
    select * from {{ ref('int_datasets') }}
),

dataset_languages as (
    select * from {{ ref('int_dataset_languages') }}
),

languages as (
    select * from {{ ref('int_languages') }}
),

totals as (
    select
        snapshot_date,
        count(*) as datasets_total,
        count(case when languages > 0 then 1 end) as datasets_declared
    from listings
    group by snapshot_date
),

cells as (
    select
        listings.snapshot_date,
        dataset_languages.language,
        dataset_languages.is_declared,
        count(*) as datasets,
        sum(1 / greatest(listings.languages, 1)) as datasets_fractional,
        count(case when listings.languages <= {{ var('few_languages') }} then 1 end)
            as mono_or_few_datasets
    from listings
    inner join dataset_languages
        on
            listings.snapshot_date = dataset_languages.snapshot_date
            and listings.dataset_key = dataset_languages.dataset_key
    group by listings.snapshot_date, dataset_languages.language, dataset_languages.is_declared
),

joined as (
    select
        cells.*,
        totals.datasets_declared,
        totals.datasets_total,
        cells.datasets_fractional / nullif(totals.datasets_declared, 0) as share_fractional,
        cells.datasets / nullif(totals.datasets_declared, 0) as share_of_declared,
        cells.datasets / totals.datasets_total as share_of_all
    from cells
    inner join totals on cells.snapshot_date = totals.snapshot_date
)

{% set shares = ['datasets_fractional', 'share_fractional', 'share_of_declared', 'share_of_all'] -%}

-- Fractions, shares and mono-or-few are of languages: a pseudo-language has none.
select
    joined.snapshot_date,
    joined.language,
    languages.language_name,
    languages.language_kind,
    joined.datasets,
    {% for share in shares -%}
        cast(case when joined.is_declared then joined.{{ share }} end as {{ type_double() }}) as {{ share }},
    {% endfor -%}
    case when joined.is_declared then joined.mono_or_few_datasets end as mono_or_few_datasets,
    joined.datasets_declared,
    joined.datasets_total,
    {{ method_version() }} as method_version
from joined
inner join languages on joined.language = languages.language
