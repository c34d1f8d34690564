-- An as_of before the first snapshot, or an empty database, would make empty marts without an error.
select count(*) as snapshots
from {{ ref('int_snapshots') }}
having count(*) = 0
