"""Phrase banks, which may be withdrawn again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """What was published until now stands."""
    op.add_column("documents", sa.Column("withdrawn_at", sa.String(), nullable=True))
