"""What desks destroyed, what keeps evidence here longer than its time, and whose time is over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Nothing was told before, and nothing was kept for a reason: the tables begin empty."""
    op.create_table(
        "destructions",
        sa.Column("digest", sa.String(), nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in (
                "submission_id", "person", "device", "why", "destroyed_at", "gone_at", "received_at",
                "certificate_status",
            )
        ),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("exports", sa.Integer(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )  # fmt: skip
    op.create_index("ix_destructions_submission_id", "destructions", ["submission_id"], unique=False)
    op.create_table(
        "retention_holds",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("submission_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("placed_by", sa.String(), nullable=False),
        sa.Column("placed_at", sa.String(), nullable=False),
        sa.Column("until", sa.String(), nullable=True),
        sa.Column("released_at", sa.String(), nullable=True),
        sa.Column("released_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_retention_holds_submission_id", "retention_holds", ["submission_id"], unique=False)
    op.create_table(
        "evidence_ended",
        sa.Column("submission_id", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("submission_id"),
    )
