-- How many datasets declare each combination of values, as one text: a dataset can have several formats.
with

newest as (
    select max(snapshot_date) as snapshot_date
    from intermediate.int_snapshots
    where kind = 'datasets'
),

datasets as (
    select
        array_to_string(
            regexp_extract_all(listings.tags, '"(?:modality|format|size_categories):[^"]+'), ' '
        ) as properties
    from intermediate.int_dataset_listings as listings
    inner join newest on listings.snapshot_date = newest.snapshot_date
)

select
    properties,
    count(*) as datasets
from datasets
group by properties
order by datasets desc, properties
