with

headlines as (
    {% for figure, name in [
        ('new_models', 'New models'),
        ('median_parameters', 'Median size'),
        ('median_cost_usd_central', 'Median training cost'),
        ('median_cost_per_million_usd_central', 'Cost per million parameters'),
    ] -%}
        select
            '{{ figure }}' as figure,
            '{{ name }}' as figure_name,
            {{ loop.index }} as figure_order,
            false as is_share
        union all
    {% endfor -%}
    select
        'share_' || category as figure,
        case category
            when 'not-declared' then 'Share without a task'
            else 'Share of ' || category_name
        end as figure_name,
        100 + sort_order as figure_order,
        true as is_share
    from {{ ref('categories') }}
)

select
    revisions.figure,
    headlines.figure_name,
    cast(headlines.figure_order as int64) as figure_order,
    headlines.is_share,
    revisions.lag_months,
    revisions.revisions,
    revisions.relative_mean_absolute_revision,
    -- Where no revision moved anything, 0 of 0.
    case
        when revisions.mean_absolute_revision = 0 then revisions.relative_mean_absolute_revision
        else
            revisions.mean_revision / revisions.mean_absolute_revision
            * revisions.relative_mean_absolute_revision
    end as relative_mean_revision,
    revisions.observation_status
from {{ ref('figure_revisions') }} as revisions
inner join headlines on revisions.figure = headlines.figure
where revisions.lag_months in ({{ var('shown_lags') | join(', ') }})
