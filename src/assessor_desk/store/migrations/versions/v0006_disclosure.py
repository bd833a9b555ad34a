"""Whether the educator of a decided submission agrees that others than the programme see what was decided."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add what the sixth version knows. Of nobody was it said until now."""
    op.execute("ALTER TABLE recipients ADD COLUMN disclosure_agreed BOOLEAN NOT NULL DEFAULT 0")
