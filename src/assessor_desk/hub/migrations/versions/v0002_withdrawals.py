"""Why an assignment was withdrawn, and when an educator withdrew their consent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Whatever was withdrawn until now was merely unassigned."""
    reason = sa.Column("withdrawn_for", sa.String(), nullable=False, server_default="")
    op.add_column("assignments", reason)
    op.add_column("submissions", sa.Column("consent_withdrawn_at", sa.String(), nullable=True))
