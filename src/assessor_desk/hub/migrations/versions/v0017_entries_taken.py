"""Up to which of the person's batches a device has them: what all have, and had its time, is kept no longer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Nobody wrote down what was taken before: it is known from the next question on."""
    op.add_column("devices", sa.Column("entries_taken", sa.Integer(), nullable=True))
