-- A view: a few rows of a seed.
{{ config(materialized='view') }}

{% set fitted = [
    'a', 'b', 'c', 'd', 'e', 'residual_low_dex', 'residual_high_dex', 'support_low', 'support_high',
] %}

with

fits as (
    select * from {{ ref('training_cost_fits') }}
)

select
    {% for column in fitted -%}
        case when own.category is null then fallback.{{ column }} else own.{{ column }} end as {{ column }},
    {% endfor -%}
    categories.category
from {{ ref('categories') }} as categories
left join fits as own on categories.category = own.category
cross join fits as fallback
where fallback.category = 'default'
