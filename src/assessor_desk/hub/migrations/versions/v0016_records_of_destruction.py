"""The hub's signed record of what it destroyed itself, and which sealed files that was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """What was destroyed before gets its record with the next look; which files it had been nobody wrote down."""
    op.add_column("evidence_ended", sa.Column("record", sa.LargeBinary(), nullable=True))
    op.create_table(
        "ended_blobs",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("submission_id", sa.String(), nullable=False),
        sa.Column("removed_at", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_ended_blobs_submission_id", "ended_blobs", ["submission_id"], unique=False)
