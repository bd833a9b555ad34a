"""What a person is shown of the attempt before the one assigned to them.

The attempt number must not be hidden from them; the earlier feedback, and the evidence it speaks of, are shown only
where the policy does not keep earlier scores from them (`blindness.earlier_scores`), and only what was released.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from assessor_desk.domain.earlier import PREFIX, EarlierAttempt, EarlierFeedback, feedback_from_document
from assessor_desk.domain.policy import Blindness
from assessor_desk.domain.submission import Artifact
from assessor_desk.hub import tables as t
from assessor_desk.hub.blindness import Identifying, artifacts_as_seen
from assessor_desk.hub.holds import quarantined
from assessor_desk.hub.hub import Hub, note_change
from assessor_desk.protocol.messages import BlobMessage
from assessor_desk.verdict.archive import parse_archive
from assessor_desk.verdict.layout import FEEDBACK


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of an earlier attempt that may be fetched for a resubmission."""

    submission_id: str
    artifact_id: str
    digest: str
    length: int
    key: bytes

    def message(self) -> BlobMessage:
        """As the desk is told of it, under the resubmission."""
        return BlobMessage(
            submission_id=self.submission_id,
            artifact_id=PREFIX + self.artifact_id,
            digest=self.digest,
            length=self.length,
            key=self.key,
        )


def earlier_attempts(
    hub: Hub,
    view: sa.Connection,
    rows: Iterable[Any],
    blindness: Mapping[str, Blindness],
    artifacts_of: Mapping[str, tuple[Artifact, ...]],
) -> dict[str, EarlierAttempt]:
    """By submission: the attempt before, as its assignee may see it. `artifacts_of` has those of earlier ones."""
    shown = {}
    for row in rows:
        before = _before(view, row, blindness.get(row.id))
        if before is None:
            continue
        who = Identifying(before.educator_name, before.email, before.district)
        seen = artifacts_as_seen(artifacts_of.get(before.id, ()), who, blindness[row.id])
        feedback = None if blindness[row.id].earlier_scores else _released(hub, view, before.id)
        shown[row.id] = EarlierAttempt(before.attempt, tuple(map(_of_then, seen)), feedback)
    return shown


def before_ids(view: sa.Connection, rows: Iterable[Any], blindness: Mapping[str, Blindness]) -> set[str]:
    """The submissions that came before these, as far as they are shown."""
    found = (_before(view, row, blindness.get(row.id)) for row in rows)
    return {before.id for before in found if before is not None}


def pieces(view: sa.Connection, rows: Iterable[Any], blindness: Mapping[str, Blindness]) -> list[Piece]:
    """The files of earlier attempts that go with these submissions: those that are not handed in again as they were."""
    found = []
    for row in rows:
        own = blindness.get(row.id)
        before = _before(view, row, own)
        if before is not None and own is not None and not own.earlier_scores:
            found += [Piece(row.id, *one) for one in view.execute(_files(before.id, row.id))]
    return found


def tell_later_attempts(work: sa.Connection, submission_id: str) -> None:
    """What may be known of a submission has changed: whoever has a later attempt of it is sent that anew."""
    own, before = t.assignments.c, t.submissions.alias()
    later, s = t.submissions, t.submissions.c
    query = (
        sa.select(own.id, own.person)
        .join(later, s.id == own.submission_id)
        .join(before, sa.and_(before.c.educator_key == s.educator_key, before.c.rubric_id == s.rubric_id))
        .where(before.c.id == submission_id, s.attempt > before.c.attempt, own.withdrawn_at.is_(None))
    )
    for row in work.execute(query).all():
        note_change(work, "assignment", row.id, row.person)


def _files(before: str, now: str) -> sa.Select[Any]:
    a, again = t.artifacts.c, t.artifacts.alias().c
    handed_in_again = sa.select(again.sha256).where(again.submission_id == now, sa.not_(again.removed))
    closed = sa.tuple_(a.submission_id, a.id).in_(quarantined([before]))
    return (
        sa.select(a.id, t.blobs.c.digest, t.blobs.c.length, t.blobs.c.key)
        .join(t.blobs, t.blobs.c.digest == a.blob)
        .where(
            a.submission_id == before, sa.not_(a.removed), a.sha256.not_in(handed_in_again), sa.not_(closed)
        )
        .order_by(a.position)
    )


def _before(view: sa.Connection, row: Any, blindness: Blindness | None) -> Any:
    """The educator's attempt before this one, None where there is none or it is not to be known."""
    if row.draft or row.attempt < 2 or blindness is None or blindness.attempt:
        return None
    s = t.submissions.c
    query = sa.select(t.submissions).where(
        s.educator_key == row.educator_key,
        s.rubric_id == row.rubric_id,
        sa.not_(s.draft),
        s.attempt < row.attempt,
        s.consent_withdrawn_at.is_(None),
    )
    return view.execute(query.order_by(s.attempt.desc()).limit(1)).first()


def _of_then(artifact: Artifact) -> Artifact:
    captions = PREFIX + artifact.captions if artifact.captions else ""
    return replace(artifact, id=PREFIX + artifact.id, captions=captions)


def _released(hub: Hub, view: sa.Connection, submission_id: str) -> EarlierFeedback | None:
    """What the educator was sent on a submission; None where nothing was released."""
    query = (
        sa.select(t.packets.c.file, t.packets.c.file_key, t.releases.c.released_at)
        .join(t.decisions, t.decisions.c.digest == t.packets.c.digest)
        .join(t.releases, t.releases.c.decision == t.decisions.c.digest)
        .where(t.decisions.c.submission_id == submission_id)
        .order_by(t.releases.c.released_at.desc())
    )
    row = view.execute(query.limit(1)).first()
    if row is None:
        return None
    with hub.packets.open(row.file, row.file_key, "decision") as bag:
        document = json.loads(parse_archive(bag.read()).files[FEEDBACK])
    return feedback_from_document(document, row.released_at)
