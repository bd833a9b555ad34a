"""Why work was set aside and evidence removed, who vouches for what was published, and wordings that may go."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

_STATEMENTS = (
    "ALTER TABLE assignments ADD COLUMN aside_for VARCHAR NOT NULL DEFAULT ''",
    "ALTER TABLE assignments ADD COLUMN aside_at VARCHAR",
    # Of what was set aside before, nobody noted when: its time begins now.
    """UPDATE assignments SET aside_at = strftime('%Y-%m-%dT%H:%M:%S', 'now') || '.000000+00:00'
        WHERE set_aside""",
    "ALTER TABLE artifacts ADD COLUMN source_digest VARCHAR NOT NULL DEFAULT ''",
    "UPDATE artifacts SET source_digest = blob_digest",
    "ALTER TABLE artifacts ADD COLUMN plain BOOLEAN NOT NULL DEFAULT 0",
    "ALTER TABLE artifacts ADD COLUMN removed VARCHAR NOT NULL DEFAULT ''",
    "ALTER TABLE published ADD COLUMN vouched VARCHAR NOT NULL DEFAULT ''",
    "ALTER TABLE reviews ADD COLUMN wordings_dropped BOOLEAN NOT NULL DEFAULT 0",
    "DROP TRIGGER entries_are_not_changed",
    # The one change there may be: the words of a sealed review's entry go, all else of it stays.
    """CREATE TRIGGER entries_are_not_changed BEFORE UPDATE ON entries
        WHEN NOT (
            NEW.id IS OLD.id AND NEW.review_id IS OLD.review_id AND NEW.kind IS OLD.kind AND NEW.at IS OLD.at
            AND NEW.device IS OLD.device AND NEW.counter IS OLD.counter AND NEW.step IS OLD.step
            AND NEW.data IS CASE OLD.kind
                WHEN 'text_written' THEN json_set(OLD.data, '$.text', '', '$.dropped', json('true'))
                WHEN 'anchor_named' THEN json_set(OLD.data, '$.note', '', '$.dropped', json('true'))
                WHEN 'anchor_placed' THEN json_set(OLD.data, '$.anchor.note', '', '$.dropped', json('true'))
                END
            AND EXISTS (SELECT 1 FROM entries AS seal
                WHERE seal.review_id = OLD.review_id AND seal.kind = 'sealed'))
        BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END""",
)


def upgrade() -> None:
    """Add what the second version knows."""
    for statement in _STATEMENTS:
        op.execute(statement)
