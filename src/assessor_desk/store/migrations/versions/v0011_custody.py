"""What is kept offline by whose wish, and what was destroyed with the receipt that the source gets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Evidence from before is kept as it was: as the source sends it, and within what there is room for."""
    op.add_column("artifacts", sa.Column("parked", sa.String(), nullable=False, server_default=""))
    op.add_column("inbox", sa.Column("offline", sa.String(), nullable=False, server_default=""))
    op.add_column("inbox", sa.Column("parked_bytes", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        """CREATE TABLE destructions (
        id VARCHAR NOT NULL PRIMARY KEY, submission_id VARCHAR NOT NULL, source VARCHAR NOT NULL,
        why VARCHAR NOT NULL, destroyed_at VARCHAR NOT NULL, pieces JSON NOT NULL, gone_at VARCHAR,
        trouble VARCHAR NOT NULL DEFAULT '', exports INTEGER NOT NULL DEFAULT 0, document BLOB,
        digest VARCHAR NOT NULL DEFAULT '', delivered_at VARCHAR, receipt BLOB)"""
    )
    op.execute("CREATE INDEX destructions_of_submission ON destructions (submission_id)")
