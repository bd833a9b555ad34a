"""Exchanging work with sources: deliver what was sealed, take what is new, fetch bytes, compare counts.

Nothing is imported here: the window starts without a network library.
"""
