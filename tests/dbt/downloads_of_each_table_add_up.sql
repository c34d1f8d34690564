-- However downloads are told apart, they are those of downloads_by_month, and shares add up to 1.
with

months as (
    select * from {{ ref('downloads_by_month') }}
),

concentration as (
    select
        months.month,
        months.kind,
        parts.unit as of_what
    from months
    inner join {{ ref('download_concentration') }} as parts
        on
            months.month = parts.month
            and months.kind = parts.kind
    where
        abs(parts.downloads - months.downloads) > 1e-9 * months.downloads + 1e-3
        or (parts.unit = 'repository' and (parts.active_units <> months.active or parts.units < months.listed))
),

regions as (
    select
        month,
        kind,
        sum(downloads) as downloads,
        sum(share_low) as share_low,
        sum(share_of_located) as share_of_located
    from {{ ref('downloads_by_region') }}
    group by month, kind
),

of_regions as (
    select
        months.month,
        months.kind,
        'region' as of_what
    from months
    inner join regions
        on
            months.month = regions.month
            and months.kind = regions.kind
    where
        abs(regions.downloads - months.downloads) > 1e-9 * months.downloads + 1e-3
        or abs(regions.share_low - 1) > 1e-9
        or abs(regions.share_of_located - 1) > 1e-9
),

dimensions as (
    select
        month,
        dimension,
        sum(models) as models,
        sum(downloads) as downloads,
        sum(share_of_models) as share_of_models,
        sum(share_of_downloads) as share_of_downloads
    from {{ ref('usage_by_month') }}
    group by month, dimension
),

of_dimensions as (
    select
        months.month,
        months.kind,
        dimensions.dimension as of_what
    from months
    inner join dimensions on months.month = dimensions.month
    where
        months.kind = 'model'
        and (
            abs(dimensions.models - months.active) > 1e-9 * months.active + 1e-6
            or abs(dimensions.downloads - months.downloads) > 1e-9 * months.downloads + 1e-3
            or abs(dimensions.share_of_models - 1) > 1e-9
            or abs(dimensions.share_of_downloads - 1) > 1e-9
        )
),

-- Models of a region are created when new_models says so.
created as (
    select
        regions.month,
        regions.kind,
        'new models' as of_what
    from (
        select
            month,
            kind,
            sum(new_repositories) as new_repositories
        from {{ ref('downloads_by_region') }}
        group by month, kind
    ) as regions
    left join {{ ref('new_models') }} as marts
        on
            regions.month = marts.month
            and marts.population = 'all'
    where
        regions.kind = 'model'
        and regions.new_repositories <> coalesce(marts.new_models, 0)
)

select * from concentration
union all
select * from of_regions
union all
select * from of_dimensions
union all
select * from created
