"""The warehouse: destinations, the raw schema and what goes into its tables."""
