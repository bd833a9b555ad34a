"""What many processes on several computers share: the hub's papers, and who asks for a time-stamp now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Nothing to move: the papers of a hub with a database of its own stay files."""
    op.create_table(
        "papers",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.add_column("stamps", sa.Column("claimed_until", sa.String(), nullable=True))
