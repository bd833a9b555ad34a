"""What the devices of one person send each other, sealed; devices that ask to join; when a device was last heard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Nothing of it is there yet; devices from before were heard at a time that nobody wrote down."""
    op.add_column("devices", sa.Column("heard_at", sa.String(), nullable=True))
    _entry_batches()
    op.create_table(
        "joins",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("asked_at", sa.String(), nullable=False),
        sa.Column("commitment", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False, server_default=""),
        sa.Column("reveal", sa.String(), nullable=False, server_default=""),
        sa.Column("welcome", sa.String(), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(["person"], ["people.number"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_joins_person", "joins", ["person"], unique=False)
    op.create_table(
        "key_copies",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("wrapped", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.number"]),
        sa.PrimaryKeyConstraint("person"),
    )


def _entry_batches() -> None:
    op.create_table(
        "entry_batches",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("chain", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("key_name", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.number"]),
        sa.PrimaryKeyConstraint("person", "seq"),
        sa.UniqueConstraint("person", "chain", "number"),
    )
