-- A view: a few rows of a seed.
{{ config(materialized='view') }}

{% set fitted = [
    'a', 'b', 'c', 'd', 'e', 'residual_low_dex', 'residual_high_dex', 'support_low', 'support_high',
] %}

{% set linear = var('linear_share') %}

with

fits as (
    select
        category,
        a + {{ linear }} * (linear_a - a) as a,
        b + {{ linear }} * (linear_b - b) + {{ var('exponent_shift') }} * linear_b_standard_error as b,
        c + {{ linear }} * (linear_c - c) as c,
        d - {{ linear }} * d as d,
        e - {{ linear }} * e as e,
        residual_low_dex,
        residual_high_dex,
        support_low / {{ var('support_margin') }} as support_low,
        support_high * {{ var('support_margin') }} as support_high
    from {{ ref('training_cost_fits') }}
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
