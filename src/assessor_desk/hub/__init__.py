"""The server that assigns submissions and receives sealed packets."""
