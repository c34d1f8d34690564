"""What checks and measures the project; nothing of it runs in production."""
