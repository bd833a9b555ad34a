"""What was found in the artifacts of submissions: by this desk, once for each, and by their source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from assessor_desk.domain.preflight import (
    GIVEN_UP,
    TRIES,
    PreflightFinding,
    finding_from_json,
    merged,
    same_picture,
)
from assessor_desk.store import tables as t

if TYPE_CHECKING:
    from assessor_desk.domain.changes import ToldFindings

DESK, SOURCE = "desk", "source"
Run = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Unseen:
    """An artifact whose bytes are here and were not looked through; `tries` says how often it was given up."""

    submission_id: str
    artifact_id: str
    blob_digest: str
    tries: int = 0


class Preflights:
    """The table of findings, within one transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def unseen(self) -> list[Unseen]:
        """What is here and has not been looked at as it is now, or was given up fewer than `TRIES` times."""
        return [one for one in self._not_through() if one.tries < TRIES]

    def given_up(self, submission_id: str, artifact_id: str) -> Unseen | None:
        """An artifact that was given up, however often."""
        own = (submission_id, artifact_id)
        found = (one for one in self._not_through() if (one.submission_id, one.artifact_id) == own)
        return next((one for one in found if one.tries), None)

    def _not_through(self) -> list[Unseen]:
        a, p = t.artifacts.c, t.preflights.c
        looked = sa.and_(
            p.submission_id == a.submission_id,
            p.artifact_id == a.artifact_id,
            p.origin == DESK,
            p.blob_digest == a.blob_digest,
        )
        given_up = sa.cast(p.found, sa.String).contains(f'"{GIVEN_UP}"')
        here = (a.here, a.removed == "", sa.not_(a.artifact_id.contains("~")))
        query = (
            sa.select(a.submission_id, a.artifact_id, a.blob_digest, p.found)
            .select_from(t.artifacts.outerjoin(t.preflights, looked))
            .where(*here, sa.or_(p.artifact_id.is_(None), given_up))
            .order_by(a.length)
        )
        return [
            Unseen(
                *row[:3], tries=max((finding_from_json(each).tries for each in row.found or ()), default=0)
            )
            for row in self._connection.execute(query)
        ]

    def keep(self, unseen: Unseen, findings: Iterable[PreflightFinding], likeness: str) -> None:
        """What this desk found."""
        self._keep(unseen.submission_id, unseen.artifact_id, DESK, unseen.blob_digest, findings, likeness)

    def accept(self, told: Iterable[ToldFindings]) -> None:
        """What the source found; it takes the place of what it said before."""
        for one in told:
            self._keep(one.submission_id, one.artifact_id, SOURCE, "", one.findings, "")

    def of(self, submission_id: str) -> dict[str, tuple[PreflightFinding, ...]]:
        """By artifact, as this desk and the source found."""
        p = t.preflights.c
        rows = self._connection.execute(
            sa.select(p.artifact_id, p.origin, p.found).where(p.submission_id == submission_id)
        ).all()
        found: dict[str, dict[str, Sequence[Mapping[str, Any]]]] = {}
        for row in rows:
            found.setdefault(row.artifact_id, {})[row.origin] = row.found
        return {
            artifact: merged(
                map(finding_from_json, origins.get(DESK, ())), map(finding_from_json, origins.get(SOURCE, ()))
            )
            for artifact, origins in found.items()
        }

    def told_by_source(self, unseen: Unseen) -> bool:
        """Whether the source looked at the artifact, and so compared it with more than is here."""
        p = t.preflights.c
        own = (p.submission_id == unseen.submission_id, p.artifact_id == unseen.artifact_id)
        return (
            self._connection.execute(sa.select(p.origin).where(*own, p.origin == SOURCE)).first() is not None
        )

    def copied(self, unseen: Unseen, likeness: str) -> bool:
        """Whether another submission holds the same picture, or for another kind of file the same bytes."""
        p = t.preflights.c
        query = sa.select(p.likeness).where(p.submission_id != unseen.submission_id, p.likeness != "")
        kept = self._connection.execute(query).scalars().all()
        return bool(likeness) and any(one == likeness or same_picture(likeness, one) for one in kept)

    def forget(self, submission_id: str) -> None:
        """What was found in evidence that was recalled goes with it."""
        self._connection.execute(sa.delete(t.preflights).where(t.preflights.c.submission_id == submission_id))

    def has_likeness(self, submission_id: str) -> bool:
        """Whether this desk keeps what copies of the submission's files are told by."""
        p = t.preflights.c
        own = (p.submission_id == submission_id, p.likeness != "")
        return self._connection.execute(sa.select(p.artifact_id).where(*own).limit(1)).first() is not None

    def forget_likeness(self, submission_id: str) -> None:
        """What copies are told by goes with the evidence; what was found, and judged in the review, stays."""
        p = t.preflights.c
        own = (p.submission_id == submission_id, p.likeness != "")
        self._connection.execute(sa.update(t.preflights).where(*own).values(likeness=""))

    def _keep(
        self,
        submission_id: str,
        artifact_id: str,
        origin: str,
        digest: str,
        findings: Iterable[PreflightFinding],
        likeness: str,
    ) -> None:
        row = {
            "submission_id": submission_id,
            "artifact_id": artifact_id,
            "origin": origin,
            "blob_digest": digest,
            "likeness": likeness,
            "found": [each.to_json() for each in findings],
        }
        kept = insert(t.preflights).values(**row)
        key = ("submission_id", "artifact_id", "origin")
        fresh = {name: kept.excluded[name] for name in ("blob_digest", "likeness", "found")}
        self._connection.execute(kept.on_conflict_do_update(index_elements=key, set_=fresh))
