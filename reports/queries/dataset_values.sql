with

newest as (
    select snapshot_date
    from intermediate.int_snapshots
    where kind = 'datasets' and is_newest
),

total as (
    select sum(dataset_tag_sets.datasets) as datasets
    from intermediate.int_dataset_tag_sets as dataset_tag_sets
    inner join newest on dataset_tag_sets.snapshot_date = newest.snapshot_date
)

select
    dataset_values.family,
    dataset_values.value,
    dataset_values.datasets,
    cast(total.datasets as int64) as datasets_total,
    dataset_values.datasets / total.datasets as share_of_datasets
from intermediate.int_dataset_values as dataset_values
inner join newest on dataset_values.snapshot_date = newest.snapshot_date
cross join total
order by dataset_values.datasets desc, dataset_values.value
