"""Typed preferences, kept as one JSON file in the desk folder."""
