"""Whether an educator agrees that others than the programme see what was decided on a submission."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Nobody was asked until now, so nobody has agreed."""
    agreed: sa.Column[bool] = sa.Column(
        "disclosure_agreed", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("submissions", agreed)
