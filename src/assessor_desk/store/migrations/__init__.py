"""Alembic's migrations of a desk's file; `store.upgrading` runs them."""
