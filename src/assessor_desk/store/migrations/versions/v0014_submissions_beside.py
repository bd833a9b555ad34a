"""Other submissions to one rubric are found at once, however many there are: each case that is opened asks for some."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """By the words of `Reading.submissions_beside`: SQLite compares them."""
    op.execute(
        "CREATE INDEX submissions_of_rubric ON submissions (json_extract(content, '$.rubric_id'), key)"
    )
