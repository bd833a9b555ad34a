"""Checking a packet, offline and needing no desk."""
