-- An unknown language is counted under its own code until a seed knows it.
with

newest_snapshot as (
    select snapshot_date
    from {{ ref('int_snapshots') }}
    where kind = 'datasets' and is_newest
)

select
    'The language ' || shares.language || ' of ' || cast(shares.datasets as {{ dbt.type_string() }})
    || ' datasets is in none of seeds/languages.csv, language_normalisation.csv and non_languages.csv.' as reason
from {{ ref('dataset_share_by_language') }} as shares
inner join newest_snapshot on shares.snapshot_date = newest_snapshot.snapshot_date
where
    shares.language_kind = 'unrecognised'
    and shares.datasets >= {{ var('unknown_from_repositories') }}
