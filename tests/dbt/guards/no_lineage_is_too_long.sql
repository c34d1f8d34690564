-- Lineage is followed over 512 generations; what comes further up begins a family of its own.
select
    'The lineage of ' || cast(count(distinct model_key) as {{ dbt.type_string() }})
    || ' models goes on beyond the 512 generations that are followed, such as that of '
    || min(model_key) || '. See int_lineage.' as reason
from {{ ref('int_lineage') }}
where fraction_not_followed is not null
having count(*) > 0
