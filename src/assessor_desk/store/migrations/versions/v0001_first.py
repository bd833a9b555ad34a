"""The first version of a desk's file."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None

_STATEMENTS = (
    """CREATE TABLE submissions (
        id VARCHAR NOT NULL PRIMARY KEY, source VARCHAR NOT NULL, key VARCHAR NOT NULL,
        version VARCHAR NOT NULL, content TEXT NOT NULL)""",
    """CREATE TABLE assignments (
        id VARCHAR NOT NULL PRIMARY KEY, submission_id VARCHAR NOT NULL, set_aside BOOLEAN NOT NULL,
        content TEXT NOT NULL)""",
    "CREATE INDEX ix_assignments_submission_id ON assignments (submission_id)",
    """CREATE TABLE published (
        kind VARCHAR NOT NULL, id VARCHAR NOT NULL, version VARCHAR NOT NULL, content BLOB NOT NULL,
        signature BLOB NOT NULL, PRIMARY KEY (kind, id, version))""",
    """CREATE TABLE reviews (
        id VARCHAR NOT NULL PRIMARY KEY, submission_id VARCHAR NOT NULL, assignment_id VARCHAR NOT NULL,
        revision INTEGER NOT NULL, purpose VARCHAR NOT NULL, opened_at VARCHAR NOT NULL,
        UNIQUE (assignment_id, revision))""",
    "CREATE INDEX ix_reviews_submission_id ON reviews (submission_id)",
    "CREATE INDEX ix_reviews_assignment_id ON reviews (assignment_id)",
    """CREATE TABLE entries (
        id VARCHAR NOT NULL PRIMARY KEY, review_id VARCHAR NOT NULL, kind VARCHAR NOT NULL, data TEXT NOT NULL,
        at VARCHAR NOT NULL, device VARCHAR NOT NULL, counter INTEGER NOT NULL, step VARCHAR NOT NULL)""",
    "CREATE INDEX ix_entries_review_id ON entries (review_id)",
    """CREATE TRIGGER entries_are_not_changed BEFORE UPDATE ON entries
        BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END""",
    """CREATE TRIGGER entries_are_not_removed BEFORE DELETE ON entries
        BEGIN SELECT RAISE(ABORT, 'entries are never removed'); END""",
    """CREATE TABLE drafts (
        review_id VARCHAR NOT NULL, field VARCHAR NOT NULL, criterion VARCHAR NOT NULL, text VARCHAR NOT NULL,
        at VARCHAR NOT NULL, PRIMARY KEY (review_id, field, criterion))""",
    """CREATE TABLE outbox (
        id VARCHAR NOT NULL PRIMARY KEY, source VARCHAR NOT NULL, kind VARCHAR NOT NULL, review_id VARCHAR NOT NULL,
        file VARCHAR NOT NULL, length INTEGER NOT NULL,
        file_key BLOB NOT NULL, digest VARCHAR NOT NULL, attempts INTEGER NOT NULL,
        waiting_since VARCHAR NOT NULL,
        last_trouble VARCHAR NOT NULL, delivered_at VARCHAR, receipt BLOB)""",
    "CREATE INDEX ix_outbox_review_id ON outbox (review_id)",
    """CREATE TABLE artifacts (
        submission_id VARCHAR NOT NULL, artifact_id VARCHAR NOT NULL, source VARCHAR NOT NULL,
        blob_digest VARCHAR NOT NULL, length INTEGER NOT NULL, here BOOLEAN NOT NULL, trouble VARCHAR NOT NULL,
        PRIMARY KEY (submission_id, artifact_id))""",
    "CREATE INDEX ix_artifacts_source ON artifacts (source)",
    """CREATE TABLE exports (
        id VARCHAR NOT NULL PRIMARY KEY, submission_id VARCHAR NOT NULL, format VARCHAR NOT NULL,
        path VARCHAR NOT NULL, at VARCHAR NOT NULL)""",
    "CREATE TABLE facts (name VARCHAR NOT NULL PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE inbox (
        submission_id VARCHAR NOT NULL PRIMARY KEY, source VARCHAR NOT NULL, key VARCHAR NOT NULL,
        title VARCHAR NOT NULL, short_title VARCHAR NOT NULL, attempt INTEGER NOT NULL, due_at VARCHAR,
        scored INTEGER NOT NULL, criteria INTEGER NOT NULL, state VARCHAR NOT NULL, set_aside BOOLEAN NOT NULL,
        rank INTEGER NOT NULL, ready_bytes INTEGER NOT NULL, total_bytes INTEGER NOT NULL, role VARCHAR NOT NULL,
        draft BOOLEAN NOT NULL, search_text VARCHAR NOT NULL)""",
    "CREATE INDEX inbox_in_order ON inbox (rank, due_at, key)",
)


def upgrade() -> None:
    """Make every table of the first version."""
    for statement in _STATEMENTS:
        op.execute(statement)
