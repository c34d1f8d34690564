with

months as (
    select * from {{ ref('int_download_months') }}
),

regions as (
    select
        region,
        region in ('unknown', 'distributed') as is_open
    from {{ ref('regions') }}
),

placed as (
    select * from {{ ref('int_publishers') }}
),

places as (
    select
        repositories.kind,
        repositories.publisher_number,
        -- A repository without a publisher is none, and counts for its downloads alone.
        case when repositories.publisher is null then 0 else 1 end as counted,
        coalesce(placed.region, 'unknown') as region
    from {{ ref('int_repositories') }} as repositories
    left join placed on repositories.publisher = placed.publisher
    where repositories.unit_number = repositories.publisher_number
),

located as (
    select
        active.kind,
        active.month,
        places.region,
        sum(places.counted) as publishers,
        {{ exact_sum('active.downloads', 6) }} as downloads
    from {{ ref('int_unit_downloads') }} as active
    inner join places on active.unit_number = places.publisher_number
    where active.unit = 'publisher'
    group by active.kind, active.month, places.region
),

created as (
    select
        repositories.kind,
        repositories.created_month as month,
        places.region,
        count(*) as new_repositories
    from {{ ref('int_repositories') }} as repositories
    inner join places on repositories.publisher_number = places.publisher_number
    group by repositories.kind, repositories.created_month, places.region
),

joined as (
    select
        months.*,
        regions.region,
        regions.is_open,
        case when months.has_flows then coalesce(located.publishers, 0) end as publishers,
        case when months.has_flows then coalesce(located.downloads, 0.0) end as downloads,
        coalesce(created.new_repositories, 0) as new_repositories
    from months
    cross join regions
    left join located
        on
            months.kind = located.kind
            and months.month = located.month
            and regions.region = located.region
    left join created
        on
            months.kind = created.kind
            and months.month = created.month
            and regions.region = created.region
),

totals as (
    select
        kind,
        month,
        {{ exact_sum('downloads', 6) }} as downloads,
        {{ exact_sum('case when is_open then downloads else 0 end', 6) }} as open_downloads
    from joined
    group by kind, month
)

select
    joined.month,
    case joined.kind when 'models' then 'model' else 'dataset' end as kind,
    joined.region,
    joined.is_exact,
    cast(joined.publishers as int64) as publishers,
    joined.downloads,
    joined.downloads / nullif(totals.downloads, 0.0) as share_low,
    case
        when joined.is_open then joined.downloads
        else joined.downloads + totals.open_downloads
    end / nullif(totals.downloads, 0.0) as share_high,
    case
        when not joined.is_open then joined.downloads / nullif(totals.downloads - totals.open_downloads, 0.0)
    end as share_of_located,
    cast(joined.new_repositories as int64) as new_repositories,
    joined.observation_status,
    joined.snapshot_date,
    {{ method_version() }} as method_version
from joined
inner join totals
    on
        joined.kind = totals.kind
        and joined.month = totals.month
