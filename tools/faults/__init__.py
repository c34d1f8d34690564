"""The fault harness: crawls through faults, kills and failing system calls."""
