"""The messages that desk and hub exchange, one definition for both ends."""
