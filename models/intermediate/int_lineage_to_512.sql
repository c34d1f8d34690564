{{ lineage_passes([ref('int_lineage_to_8'), ref('int_lineage_to_64')], reach=64, passes=3) }}
