"""How far each choice of the method moves the newest headlines: ``python -m tools.sensitivity``."""
