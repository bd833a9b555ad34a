"""Renditions in the ledger: beside the recording, under an id made from its own (`domain.renditions`)."""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from assessor_desk.domain.renditions import Shown, rendition_id
from assessor_desk.store import tables as t

MADE = (Shown.SMALL, Shown.PLAYABLE)


class Renditions:
    """The renditions of recordings, within one transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def keep(self, submission_id: str, artifact_id: str, shown: Shown, digest: str, length: int) -> None:
        """One that was made here; its bytes are in the vault."""
        row = {
            "submission_id": submission_id, "artifact_id": rendition_id(artifact_id, shown), "source": "",
            "blob_digest": digest, "length": length, "here": True, "trouble": "", "source_digest": digest,
        }  # fmt: skip
        kept = insert(t.artifacts).values(**row)
        key = ("submission_id", "artifact_id")
        fresh = {name: kept.excluded[name] for name in row if name not in key}
        self._connection.execute(kept.on_conflict_do_update(index_elements=key, set_=fresh))

    def ask(self, submission_id: str, artifact_id: str, wanted: bool = True) -> None:
        """The recording itself is wanted although a small rendition of it is here, or is not any more."""
        a = t.artifacts.c
        own = (a.submission_id == submission_id, a.artifact_id == artifact_id)
        change = sa.update(t.artifacts).where(*own)
        self._connection.execute(change.values(asked=wanted, **({"parked": ""} if wanted else {})))

    def of(self, submission_id: str, artifact_id: str) -> list[str]:
        """The ledger's ids of the renditions that an artifact has."""
        a = t.artifacts.c
        made = [rendition_id(artifact_id, shown) for shown in MADE]
        query = sa.select(a.artifact_id).where(a.submission_id == submission_id, a.artifact_id.in_(made))
        return list(self._connection.execute(query).scalars())


@cache
def may_wait() -> sa.ColumnElement[bool]:
    """Whether a recording is not here but has a small rendition, and nobody asked for the recording itself."""
    a, small = t.artifacts.c, t.artifacts.alias("small")
    has_small = sa.exists().where(
        small.c.submission_id == a.submission_id,
        small.c.artifact_id == a.artifact_id + rendition_id("", Shown.SMALL),
        small.c.removed == "",
    )
    return sa.and_(a.here.is_(False), a.asked.is_(False), has_small.correlate(t.artifacts))
