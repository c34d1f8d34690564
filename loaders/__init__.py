"""Loaders: everything from the Hub's listing up to the raw schema of the warehouse."""
