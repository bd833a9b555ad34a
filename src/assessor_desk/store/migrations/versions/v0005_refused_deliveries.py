"""Whether what waits to be sent was refused by its source, rather than that the source could not be reached."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add what the fifth version knows. Of what waits since before, the next round says it."""
    op.execute("ALTER TABLE outbox ADD COLUMN refused BOOLEAN NOT NULL DEFAULT 0")
