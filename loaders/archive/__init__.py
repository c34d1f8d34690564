"""Earlier listings of the Hub that others kept, read into ``hub_raw`` as snapshots of that Hub.

An archive is a dataset repository, or a folder, with one parquet file for each listing. Only the
columns that are needed are read; they are kept in the landing zone, and loaded as a crawl is.
"""
