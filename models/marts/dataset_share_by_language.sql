with

dataset_groups as (
    select * from {{ ref('int_dataset_groups') }}
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
        sum(datasets) as datasets_total,
        sum(case when languages > 0 then datasets else 0 end) as datasets_declared
    from dataset_groups
    group by snapshot_date
),

cells as (
    select
        dataset_groups.snapshot_date,
        dataset_languages.language,
        dataset_languages.is_declared,
        sum(dataset_groups.datasets) as datasets,
        {{ exact_sum('dataset_groups.datasets / greatest(dataset_groups.languages, 1)') }}
            as datasets_fractional,
        sum(
            case
                when dataset_groups.languages <= {{ var('few_languages') }} then dataset_groups.datasets
                else 0
            end
        ) as mono_or_few_datasets
    from dataset_groups
    inner join dataset_languages on dataset_groups.tag_set_key = dataset_languages.tag_set_key
    group by dataset_groups.snapshot_date, dataset_languages.language, dataset_languages.is_declared
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
    cast(joined.datasets as int64) as datasets,
    {% for share in shares -%}
        cast(case when joined.is_declared then joined.{{ share }} end as {{ type_double() }}) as {{ share }},
    {% endfor -%}
    cast(case when joined.is_declared then joined.mono_or_few_datasets end as int64) as mono_or_few_datasets,
    cast(joined.datasets_declared as int64) as datasets_declared,
    cast(joined.datasets_total as int64) as datasets_total,
    'A' as observation_status,
    {{ method_version() }} as method_version
from joined
inner join languages on joined.language = languages.language
