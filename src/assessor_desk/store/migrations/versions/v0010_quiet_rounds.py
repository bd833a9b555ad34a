"""What a round asks for each time is found at once, however much has come and gone."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Only lines that still wait are in these."""
    op.execute("CREATE INDEX outbox_waiting ON outbox (source) WHERE delivered_at IS NULL")
    op.execute("CREATE INDEX artifacts_to_come ON artifacts (source) WHERE here IS 0")
    op.execute("CREATE INDEX packets_to_come ON delivered (source) WHERE here IS 0")
