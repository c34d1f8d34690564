select
    outcome,
    cast(count(*) as int64) as names
from {{ ref('int_parent_name_outcomes') }}
group by outcome
