"""Every certificate that was given out, why enrolments were revoked, and time-stamps over what was delivered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Certificates until now stand with their devices: they become the first of each. Older bags get no stamps."""
    op.add_column("devices", sa.Column("revoked_for", sa.String(), nullable=False, server_default=""))
    _certificates()
    _stamps()


def _certificates() -> None:
    op.create_table(
        "certificates",
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("request_hash", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("issued_at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.number"]),
        sa.PrimaryKeyConstraint("serial"),
    )
    op.create_index("ix_certificates_person", "certificates", ["person"], unique=False)
    given = sa.text(
        "INSERT INTO certificates (serial, person, device, request_hash, content, issued_at) "
        "SELECT serial, person, id, '', :unknown, enrolled_at FROM devices"
    )
    op.get_bind().execute(given, {"unknown": b""})


def _stamps() -> None:
    op.create_table(
        "stamps",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.String(), nullable=False),
        sa.Column("last_trouble", sa.String(), nullable=False),
        sa.Column("stamped_at", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["digest"], ["packets.digest"]),
        sa.PrimaryKeyConstraint("digest"),
    )
