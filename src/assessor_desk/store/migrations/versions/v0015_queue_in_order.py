"""A reviewer's queue is read in its order from indexes that hold all it takes; for whoever decides on nothing they are
empty."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """By the words of `store.queue`: SQLite compares them."""
    op.execute(
        """CREATE INDEX queue_in_order ON inbox (
        rank, coalesce(due_at, '~'), key, submission_id, source, state, role, set_aside, search_text)
        WHERE role = 'reviewer' AND NOT set_aside"""
    )
    op.execute(
        """CREATE INDEX assignments_to_decide ON assignments (submission_id, json_extract(content, '$.assigned_at'),
        json_extract(content, '$.rubric_id'), json_extract(content, '$.policy_id'),
        json_extract(content, '$.policy_version'), id, set_aside, json_extract(content, '$.role'))
        WHERE NOT set_aside AND json_extract(content, '$.role') = 'reviewer'"""
    )
    op.execute("CREATE INDEX packets_verified ON delivered (submission_id, received_at) WHERE held")
    op.execute(
        """CREATE INDEX decisions ON entries (json_extract(data, '$.kind'), review_id)
        WHERE kind = 'decided'"""
    )
