"""What a look at each artifact found, copies among submissions, and small renditions of recordings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """What was imported until now was looked at, but nothing of it kept; its renditions are made from now on."""
    _looks()
    _copies()
    _renditions()


def _looks() -> None:
    op.create_table(
        "looks",
        sa.Column("submission_id", sa.String(), nullable=False),
        sa.Column("artifact_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("likeness", sa.String(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"]),
        sa.PrimaryKeyConstraint("submission_id", "artifact_id"),
    )
    op.create_index("ix_looks_sha256", "looks", ["sha256"], unique=False)


def _copies() -> None:
    op.create_table(
        "copies",
        sa.Column("submission_id", sa.String(), nullable=False),
        sa.Column("artifact_id", sa.String(), nullable=False),
        sa.Column("other_submission", sa.String(), nullable=False),
        sa.Column("other_artifact", sa.String(), nullable=False),
        sa.Column("exact", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"]),
        sa.ForeignKeyConstraint(["other_submission"], ["submissions.id"]),
        sa.PrimaryKeyConstraint("submission_id", "artifact_id", "other_submission", "other_artifact"),
    )


def _renditions() -> None:
    op.create_table(
        "renditions",
        sa.Column("submission_id", sa.String(), nullable=False),
        sa.Column("artifact_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("blob", sa.String(), nullable=True),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"]),
        sa.ForeignKeyConstraint(["blob"], ["blobs.digest"]),
        sa.PrimaryKeyConstraint("submission_id", "artifact_id"),
    )
    op.create_index("ix_renditions_blob", "renditions", ["blob"], unique=False)
