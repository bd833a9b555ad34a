"""Durable facts: what was done here and what came from a source, in one encrypted file (DESIGN §1, §3).

Nothing is imported here: `store.store` opens a desk's file without SQLAlchemy, which is loaded when it is first needed.
"""
