"""What goes to the other devices of the same person, and what a text being typed had seen when it was begun."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """A desk alone writes nothing down to be sent: the fact `entries travel` is made with the first other device."""
    op.add_column("drafts", sa.Column("seen", sa.JSON(), nullable=True))
    op.execute("CREATE TABLE entries_to_send (entry_id VARCHAR NOT NULL PRIMARY KEY)")
    op.execute(
        """CREATE TRIGGER entries_are_to_be_sent AFTER INSERT ON entries
        WHEN EXISTS (SELECT 1 FROM facts WHERE name = 'entries travel')
        BEGIN INSERT OR IGNORE INTO entries_to_send (entry_id) VALUES (NEW.id); END"""
    )
