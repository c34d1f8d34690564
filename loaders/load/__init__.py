"""The load of a snapshot: crawl, load, register; list and drop what is kept."""
