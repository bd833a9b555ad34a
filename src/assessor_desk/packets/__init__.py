"""Building and sealing packets (DESIGN §6). Facts are handed in; no store is asked."""
