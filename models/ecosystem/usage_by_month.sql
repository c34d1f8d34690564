{% set attributes = ['category', 'task', 'relation', 'size_band', 'year_created', 'library', 'licence_class'] %}

with

uses as (
    select
        by_month.month,
        by_month.models,
        by_month.downloads,
        uses.{{ attributes | join(',\n        uses.') }},
        uses.short_tags
    from {{ ref('int_use_by_month') }} as by_month
    inner join {{ ref('int_model_uses') }} as uses on by_month.use_number = uses.unit_number
),

{% for attribute in attributes -%}
    by_{{ attribute }} as (
        select
            month,
            '{{ attribute }}' as dimension,
            {{ attribute }} as value,
            cast(sum(models) as {{ type_double() }}) as models,
            {{ exact_sum('downloads', 6) }} as downloads
        from uses
        group by month, {{ attribute }}
    ),

{% endfor -%}
by_language as (
    select
        uses.month,
        'model_language' as dimension,
        languages.language as value,
        {{ exact_sum('uses.models * languages.fraction', 12) }} as models,
        {{ exact_sum('uses.downloads * languages.fraction', 12) }} as downloads
    from uses
    inner join {{ ref('int_model_languages') }} as languages on uses.short_tags = languages.short_tags
    group by uses.month, languages.language
),

by_value as (
    {% for attribute in attributes -%}
        select * from by_{{ attribute }}
        union all
    {% endfor -%}
    select * from by_language
),

totals as (
    select
        month,
        cast(sum(models) as {{ type_double() }}) as models,
        {{ exact_sum('downloads', 6) }} as downloads
    from by_category
    group by month
)

select
    by_value.month,
    by_value.dimension,
    by_value.value,
    months.is_exact,
    by_value.models,
    by_value.downloads,
    by_value.models / totals.models as share_of_models,
    by_value.downloads / totals.downloads as share_of_downloads,
    months.observation_status,
    months.snapshot_date,
    {{ method_version() }} as method_version
from by_value
inner join totals on by_value.month = totals.month
inner join {{ ref('int_download_months') }} as months
    on
        months.kind = 'models'
        and by_value.month = months.month
