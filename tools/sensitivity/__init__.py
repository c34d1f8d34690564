"""Move each choice of the method, and see the newest headlines: ``python -m tools.sensitivity``."""
