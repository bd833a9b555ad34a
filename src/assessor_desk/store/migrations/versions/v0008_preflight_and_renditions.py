"""What was found in artifacts; renditions that come before their recordings."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add what the eighth version knows. Sources are asked from the beginning, once, for what they found."""
    op.execute("""CREATE TABLE preflights (
        submission_id VARCHAR NOT NULL, artifact_id VARCHAR NOT NULL, origin VARCHAR NOT NULL,
        blob_digest VARCHAR NOT NULL, likeness VARCHAR NOT NULL, found JSON NOT NULL,
        PRIMARY KEY (submission_id, artifact_id, origin))""")
    op.execute("ALTER TABLE artifacts ADD COLUMN asked BOOLEAN NOT NULL DEFAULT 0")
    op.execute("ALTER TABLE inbox ADD COLUMN later_bytes INTEGER NOT NULL DEFAULT 0")
    op.execute("DELETE FROM facts WHERE name LIKE 'cursor %'")
