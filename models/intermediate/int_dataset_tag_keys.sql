-- A view: a key beside each set of tags. In what follows a set has a row for each of its tags, languages and tasks:
-- one of thousands of tags, copied into each of these rows, would fill a disk.
{{ config(materialized='view') }}

select
    snapshot_date,
    {{ text_key('tag_set') }} as tag_set_key,
    tag_set,
    datasets
from {{ ref('int_dataset_tag_sets') }}
