"""The runs that ask for single models: parameters and details."""
