"""Time-stamps (RFC 3161) beside the receipts of what was delivered."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add what the ninth version knows; tokens of earlier deliveries come with the next round."""
    op.execute("ALTER TABLE outbox ADD COLUMN time_stamp BLOB")
    op.execute("ALTER TABLE delivered ADD COLUMN time_stamp BLOB")
