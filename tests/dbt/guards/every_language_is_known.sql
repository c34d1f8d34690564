-- An unknown language is counted under its own code until a seed knows it.
select
    'The language ' || language || ' of ' || cast(datasets as {{ dbt.type_string() }})
    || ' datasets is in none of seeds/languages.csv, language_normalisation.csv and non_languages.csv.' as reason
from {{ ref('dataset_share_by_language') }}
where
    language_kind = 'unrecognised'
    and datasets >= {{ var('unknown_from_repositories') }}
    and snapshot_date = (
        select snapshot_date from {{ ref('int_snapshots') }} where kind = 'datasets' and is_newest
    )
