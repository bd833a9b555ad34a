"""That others have the very same file is asked of the digests: of pairs of copies those of pictures alone are read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_DIGITS = 256
"""Of a picture's hash."""


def upgrade() -> None:
    """A handout in a thousand submissions has a million such rows. A picture's pair stands for its likeness too."""
    copies = sa.table("copies", *map(sa.column, ("submission_id", "artifact_id", "other_submission", "other_artifact")),
                      sa.column("exact", sa.Boolean()))  # fmt: skip
    c = copies.c
    both_pictures = sa.and_(
        _is_picture(c.submission_id, c.artifact_id), _is_picture(c.other_submission, c.other_artifact)
    )
    op.execute(sa.delete(copies).where(c.exact, sa.not_(both_pictures)))


def _is_picture(submission: sa.ColumnElement[str], artifact: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    looks = sa.table("looks", *map(sa.column, ("submission_id", "artifact_id", "likeness"))).alias()
    return sa.exists().where(
        looks.c.submission_id == submission,
        looks.c.artifact_id == artifact,
        sa.func.length(looks.c.likeness) == _DIGITS,
    )
