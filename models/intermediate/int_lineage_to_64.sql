{{ lineage_passes([ref('int_lineage_to_8')], reach=8, passes=3) }}
