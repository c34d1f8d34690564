{% set dimensions = ['size_band', 'year_created', 'relation', 'licence_class'] %}

with

uses as (
    select *
    from {{ ref('usage_by_month') }}
    where dimension in ('{{ dimensions | join("', '") }}')
),

newest as (
    select
        max(month) as month,
        cast({{ dbt.dateadd('month', -12, 'max(month)') }} as date) as year_before
    from uses
)

select
    uses.month,
    uses.dimension,
    uses.value,
    uses.is_exact,
    uses.models,
    uses.downloads,
    uses.share_of_models,
    uses.share_of_downloads,
    uses.month = newest.month as is_newest_month,
    uses.observation_status
from uses
cross join newest
where uses.month in (newest.month, newest.year_before)
