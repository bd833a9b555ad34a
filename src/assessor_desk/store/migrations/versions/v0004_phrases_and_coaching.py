"""A person's phrases and how often each was used; a coach's notes that go when their time has come."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"

_STATEMENTS = (
    """CREATE TABLE phrases (
        id VARCHAR NOT NULL PRIMARY KEY, text VARCHAR NOT NULL, rubric VARCHAR NOT NULL, criterion VARCHAR NOT NULL,
        level VARCHAR NOT NULL, scope VARCHAR NOT NULL, tags TEXT NOT NULL)""",
    """CREATE TABLE phrase_use (
        phrase VARCHAR NOT NULL PRIMARY KEY, used INTEGER NOT NULL, last_used VARCHAR)""",
    "ALTER TABLE reviews ADD COLUMN forgotten_at VARCHAR",
    "DROP TRIGGER entries_are_not_removed",
    # The one removal there may be: what a coach wrote before the moment that says its time was over. That it went back,
    # when and as which document stays.
    """CREATE TRIGGER entries_are_not_removed BEFORE DELETE ON entries
        WHEN NOT (
            OLD.kind IS NOT 'handed_back'
            AND EXISTS (SELECT 1 FROM reviews
                WHERE reviews.id = OLD.review_id AND reviews.purpose = 'coach' AND OLD.at <= reviews.forgotten_at))
        BEGIN SELECT RAISE(ABORT, 'entries are never removed'); END""",
    "DROP TRIGGER entries_are_not_changed",
    # As before, and beside a decision's seal too.
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
                WHERE seal.review_id = OLD.review_id AND seal.kind IN ('sealed', 'decided')))
        BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END""",
)


def upgrade() -> None:
    """Add what the fourth version knows."""
    for statement in _STATEMENTS:
        op.execute(statement)
