-- What is built on what hands on each download once: from the models without a parent down, all downloads are reached.
-- Left out is only what is too far away to be followed.
with

reach as (
    select
        sum(downloads) as downloads,
        sum(case when is_root then reach_downloads else 0 end) as reach_of_roots
    from {{ ref('int_model_reach') }}
),

listed as (
    select sum(downloads) as downloads
    from {{ ref('int_models') }}
    where is_listed
),

too_far as (
    select sum(lineage.fraction_not_followed * reach.downloads) as downloads
    from {{ ref('int_lineage') }} as lineage
    inner join {{ ref('int_model_reach') }} as reach on lineage.model_key = reach.model_key
    where lineage.fraction_not_followed is not null
)

select
    listed.downloads,
    reach.downloads as own_downloads,
    reach.reach_of_roots,
    too_far.downloads as downloads_too_far
from reach
cross join listed
cross join too_far
where
    abs(reach.downloads - coalesce(listed.downloads, 0)) > 0.5
    or abs(reach.reach_of_roots + coalesce(too_far.downloads, 0) - reach.downloads) > 1e-9 * reach.downloads + 1e-6
