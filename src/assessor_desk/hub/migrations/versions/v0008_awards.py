"""Award records: what the issuer handed to recognisers, on which decision."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Nothing was awarded before."""
    op.create_table(
        "awards",
        sa.Column("digest", sa.String(), primary_key=True),
        sa.Column("decision", sa.String(), sa.ForeignKey("decisions.digest"), nullable=False, index=True),
        sa.Column("issued_at", sa.String(), nullable=False),
        sa.Column("uses", sa.JSON(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("file_key", sa.LargeBinary(), nullable=False),
    )
