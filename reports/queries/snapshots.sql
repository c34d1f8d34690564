select
    kind,
    snapshot_date,
    crawled_from,
    is_synthetic
from intermediate.int_snapshots
where is_newest
