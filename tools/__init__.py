"""Tools that check and measure the project; nothing of it runs in production."""
