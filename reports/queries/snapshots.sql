select
    kind,
    snapshot_date,
    is_synthetic
from intermediate.int_snapshots
where is_newest
