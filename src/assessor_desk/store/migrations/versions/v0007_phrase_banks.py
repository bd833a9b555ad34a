"""Phrase banks that a programme publishes through a source."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add what the seventh version knows. Sources are asked for their banks from the beginning, once.

    A hub's cursor passes over what it did not send yet, so what was published before is had by asking anew.
    """
    op.execute("""CREATE TABLE phrase_banks (
        source VARCHAR NOT NULL, id VARCHAR NOT NULL, version VARCHAR NOT NULL, content BLOB NOT NULL,
        signature BLOB NOT NULL, vouched VARCHAR NOT NULL, withdrawn BOOLEAN NOT NULL DEFAULT 0,
        PRIMARY KEY (source, id))""")
    op.execute("DELETE FROM facts WHERE name LIKE 'cursor %'")
