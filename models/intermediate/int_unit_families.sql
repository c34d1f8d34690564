with

repositories as (
    select * from {{ ref('int_repositories') }}
    where kind = 'models'
),

families as (
    select
        repositories.unit_number,
        coalesce(older.unit_key, families.root_key) as root_key,
        families.fraction
    from repositories
    left join {{ ref('int_former_holders') }} as former on repositories.unit_key = former.unit_key
    inner join {{ ref('int_model_families') }} as families
        on families.model_key = coalesce(former.model_key, repositories.unit_key)
    -- Of a root that another key continues the downloads are that one's.
    left join {{ ref('int_repository_keys') }} as older
        on
            older.kind = 'models'
            and families.root_key = older.repository_key
)

select
    families.unit_number,
    roots.unit_number as root_number,
    sum(families.fraction) as fraction
from families
inner join repositories as roots on families.root_key = roots.unit_key
group by families.unit_number, roots.unit_number
