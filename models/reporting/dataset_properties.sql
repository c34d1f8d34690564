{# As the Hub writes its classes of rows, in order. #}
{% set row_classes = [
    ('n<1K', 'under 1,000 rows'),
    ('1K<n<10K', '1,000 to 10,000 rows'),
    ('10K<n<100K', '10,000 to 100,000 rows'),
    ('100K<n<1M', '100,000 to 1 million rows'),
    ('1M<n<10M', '1 to 10 million rows'),
    ('10M<n<100M', '10 to 100 million rows'),
    ('100M<n<1B', '100 million to 1 billion rows'),
    ('1B<n<10B', '1 to 10 billion rows'),
    ('10B<n<100B', '10 to 100 billion rows'),
    ('100B<n<1T', '100 billion to 1 trillion rows'),
    ('n>1T', 'over 1 trillion rows'),
] %}

with

row_classes as (
    {% for value, value_name in row_classes -%}
        select
            'size_categories' as property,
            '{{ value }}' as value,
            '{{ value_name }}' as value_name,
            {{ loop.index }} as value_order
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

newest as (
    select snapshot_date
    from {{ ref('int_snapshots') }}
    where kind = 'datasets' and is_newest
),

total as (
    select sum(dataset_tag_sets.datasets) as datasets
    from {{ ref('int_dataset_tag_sets') }} as dataset_tag_sets
    inner join newest on dataset_tag_sets.snapshot_date = newest.snapshot_date
)

select
    dataset_values.family as property,
    dataset_values.value,
    coalesce(row_classes.value_name, dataset_values.value) as value_name,
    cast(row_classes.value_order as int64) as value_order,
    cast(dataset_values.datasets as int64) as datasets,
    cast(total.datasets as int64) as datasets_total,
    cast(dataset_values.datasets / total.datasets as {{ type_double() }}) as share_of_datasets
from {{ ref('int_dataset_values') }} as dataset_values
inner join newest on dataset_values.snapshot_date = newest.snapshot_date
cross join total
left join row_classes
    on dataset_values.family = row_classes.property and dataset_values.value = row_classes.value
-- What is no class of the Hub's says nothing of the number of rows.
where dataset_values.family <> 'size_categories' or row_classes.value is not null
