"""What tells a change from another that a restored hub gave the same number; and a person's changes found at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Changes from before have none: a cursor at one of them is compared by its number alone."""
    op.add_column("changes", sa.Column("token", sa.String(), nullable=False, server_default=""))
    op.create_index("changes_of_person", "changes", ["person", "seq"], unique=False)
