"""The inbox is read in its order, and searched, from one index that holds all it takes, however much is in it."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """In place of one that the order had outgrown. The query says the same two expressions: SQLite compares them."""
    op.execute("DROP INDEX inbox_in_order")
    op.execute(
        """CREATE INDEX inbox_in_order ON inbox (
        CASE WHEN set_aside THEN 6 WHEN role = 'reviewer' THEN 3 WHEN state = 'passed_back' THEN 0
        WHEN state IN ('sealed_waiting', 'delivered', 'released') THEN CASE role WHEN 'coach' THEN 5 ELSE 4 END
        WHEN draft OR role = 'coach' THEN 2 ELSE 1 END,
        rank, coalesce(due_at, '~'), key, submission_id, search_text)"""
    )
