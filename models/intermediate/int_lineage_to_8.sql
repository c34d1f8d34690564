{{ lineage_passes([], reach=1, passes=3) }}
