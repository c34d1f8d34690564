with

newest as (
    select max(snapshot_date) as snapshot_date
    from {{ ref('dataset_share_by_language') }}
)

select
    shares.language,
    shares.language_name,
    shares.language_kind,
    shares.datasets,
    shares.share_fractional,
    shares.share_of_declared,
    shares.mono_or_few_datasets,
    shares.datasets_declared,
    shares.datasets_total
from {{ ref('dataset_share_by_language') }} as shares
inner join newest on shares.snapshot_date = newest.snapshot_date
