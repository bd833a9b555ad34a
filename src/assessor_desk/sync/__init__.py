"""Rounds between a desk and the sources of its submissions."""
