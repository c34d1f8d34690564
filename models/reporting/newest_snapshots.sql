select
    kind,
    snapshot_date,
    crawled_from,
    is_synthetic,
    is_complete,
    obtained_from,
    licence
from {{ ref('int_snapshots') }}
where is_newest
