-- The populations that a model of either kind is counted in: its own, and all.
{{ config(materialized='view') }}

with

populations as (
    select 'all' as population
    union all
    select 'no_known_parent' as population
    union all
    select 'derived' as population
)

select
    own.population as model_population,
    populations.population
from populations as own
inner join populations on populations.population in (own.population, 'all')
where own.population <> 'all'
