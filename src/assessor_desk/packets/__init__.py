"""Building and sealing packets."""
