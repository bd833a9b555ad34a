"""Which deliveries the person's other devices are still to be told of; until then the time of a delivery was asked."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """What was delivered so far is told once more: with a clock put back or ahead some of it never was."""
    op.execute("CREATE TABLE deliveries_to_send (line_id VARCHAR NOT NULL PRIMARY KEY)")
    op.execute(
        """INSERT INTO deliveries_to_send (line_id) SELECT id FROM outbox
        WHERE length(receipt) > 0 AND 'devices ' || source IN (SELECT name FROM facts)"""
    )
    op.execute(
        """CREATE TRIGGER deliveries_are_to_be_sent AFTER UPDATE OF receipt ON outbox
        WHEN length(NEW.receipt) > 0 AND coalesce(length(OLD.receipt), 0) = 0
        AND EXISTS (SELECT 1 FROM facts WHERE name = 'devices ' || NEW.source)
        BEGIN INSERT OR IGNORE INTO deliveries_to_send (line_id) VALUES (NEW.id); END"""
    )
