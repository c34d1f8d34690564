"""The commands of ``python -m loaders``: what each does with its options."""
