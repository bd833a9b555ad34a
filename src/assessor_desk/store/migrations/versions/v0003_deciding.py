"""What a reviewer decides on and releases: delivered packets with their texts, pass-backs, holds, recipients."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

_STATEMENTS = (
    """CREATE TABLE delivered (
        digest VARCHAR NOT NULL PRIMARY KEY, submission_id VARCHAR NOT NULL, assignment_id VARCHAR NOT NULL,
        person VARCHAR NOT NULL, source VARCHAR NOT NULL, received_at VARCHAR NOT NULL, receipt BLOB NOT NULL,
        blob VARCHAR NOT NULL, blob_key BLOB NOT NULL, length INTEGER NOT NULL, here BOOLEAN NOT NULL,
        stated TEXT, held BOOLEAN NOT NULL, verdict VARCHAR NOT NULL)""",
    "CREATE INDEX ix_delivered_submission_id ON delivered (submission_id)",
    """CREATE VIRTUAL TABLE review_texts USING fts5(
        digest UNINDEXED, submission_id UNINDEXED, field UNINDEXED, criterion UNINDEXED, text,
        tokenize = "unicode61 remove_diacritics 2")""",
    """CREATE TABLE passed_back (
        decision VARCHAR NOT NULL, packet VARCHAR NOT NULL, assignment_id VARCHAR NOT NULL,
        reason VARCHAR NOT NULL, at VARCHAR NOT NULL, PRIMARY KEY (decision, packet))""",
    "CREATE INDEX ix_passed_back_assignment_id ON passed_back (assignment_id)",
    """CREATE TABLE holds (
        id VARCHAR NOT NULL PRIMARY KEY, submission_id VARCHAR NOT NULL, kind VARCHAR NOT NULL,
        words VARCHAR NOT NULL, raised_at VARCHAR NOT NULL, artifact_id VARCHAR NOT NULL, lifted_at VARCHAR)""",
    "CREATE INDEX ix_holds_submission_id ON holds (submission_id)",
    """CREATE TABLE recipients (
        submission_id VARCHAR NOT NULL PRIMARY KEY, educator_key VARCHAR NOT NULL, name VARCHAR NOT NULL,
        email VARCHAR NOT NULL, district VARCHAR NOT NULL)""",
    """CREATE TABLE releases (
        decision VARCHAR NOT NULL PRIMARY KEY, submission_id VARCHAR NOT NULL, outcome VARCHAR NOT NULL,
        how VARCHAR NOT NULL, folder VARCHAR NOT NULL, at VARCHAR NOT NULL)""",
    "CREATE INDEX ix_releases_submission_id ON releases (submission_id)",
)


def upgrade() -> None:
    """Add what the third version knows."""
    for statement in _STATEMENTS:
        op.execute(statement)
