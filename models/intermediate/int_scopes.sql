-- The scopes that a model of a category is counted in: its category, and all.
{{ config(materialized='view') }}

with

categories as (
    select category from {{ ref('categories') }}
),

scopes as (
    select
        scope,
        scope_name
    from {{ ref('scopes') }}
)

select
    categories.category,
    scopes.scope,
    scopes.scope_name
from categories
inner join scopes on scopes.scope in (categories.category, 'all')
