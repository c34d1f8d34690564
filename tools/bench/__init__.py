"""The benchmark: speed and memory, each beside its limit."""
