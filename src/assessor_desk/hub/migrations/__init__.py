"""Migrations of the hub's database, each in one transaction."""
