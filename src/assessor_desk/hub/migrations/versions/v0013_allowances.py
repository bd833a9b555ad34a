"""What computers and addresses asked for lately, counted over all processes of the hub."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Empty: whoever asks has everything left."""
    op.create_table(
        "allowances",
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("full_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("who"),
    )
