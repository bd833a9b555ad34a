"""What of the evidence is on this desk, what is to come, and what it all comes to: the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa

from assessor_desk.domain.changes import Blob, SourceCounts
from assessor_desk.domain.custody import Piece
from assessor_desk.store import tables as t
from assessor_desk.store.artifact_keys import ArtifactKeys, Held
from assessor_desk.store.custody import OVER, pieces_of
from assessor_desk.store.lines import (
    ENDED,
    FREED,
    QUARANTINE,
    QUOTA,
    RETENTION,
    ArtifactLine,
    LedgerTotals,
    WantedArtifact,
)
from assessor_desk.store.prepared import IDS, named
from assessor_desk.store.renditions import may_wait
from assessor_desk.store.revisions import kept_back


class EvidenceHere:
    """The ledger's part of one view of the file."""

    def __init__(self, connection: sa.Connection, keys: ArtifactKeys) -> None:
        self._connection = connection
        self._keys = keys

    def artifacts(self, submission_id: str) -> list[ArtifactLine]:
        """What is known about the bytes of a submission's artifacts."""
        return self._artifact_lines(t.artifacts.c.submission_id == submission_id)

    def artifact_key(self, line: ArtifactLine) -> bytes | None:
        """What opens an artifact's bytes; None where that is not here."""
        return (
            None if line.removed else self._keys.key(line.submission_id, line.artifact_id, line.blob_digest)
        )

    def pieces_here(self, submission_id: str) -> list[Piece]:
        """What a key, or a file, is here of, with what was made here of it: whatever is destroyed with it.

        Keys outlive a file that was put back to before their submission came, so that may be unknown.
        """
        keys = self._keys.of(submission_id)
        keyed = {one for one in keys if one[1]}
        here = {
            (line.artifact_id, line.blob_digest)
            for line in self.artifacts(submission_id)
            if line.blob_digest and (line.here or (line.artifact_id, "") in keys)
        }
        made = sorted(self._keys.made_of(submission_id))
        return [*pieces_of(sorted(keyed | here)), *(Piece(one, "laid_out", digest) for one, digest in made)]

    def artifacts_here(self) -> list[ArtifactLine]:
        """The artifacts whose bytes are said to be here."""
        return self._artifact_lines(t.artifacts.c.here)

    def is_here(self, held: Held) -> bool:
        """Whether these very bytes are said to be here, and may be: neither recalled nor withheld, nor replaced."""
        a, (submission_id, artifact_id, digest) = t.artifacts.c, held
        own = (a.submission_id == submission_id, a.artifact_id == artifact_id, a.blob_digest == digest)
        return self._row(sa.select(a.artifact_id).where(*own, a.here, a.removed == "")) is not None

    def evidence_named(self, submissions: Iterable[str] | None = None) -> set[Held]:
        """Submission, artifact and digest of all bytes that may be on this desk, here or still to come."""
        a = t.artifacts.c
        every = sa.select(a.submission_id, a.artifact_id, a.blob_digest).where(may_be_here())
        if submissions is None:
            return {tuple(row) for row in self._rows(every)}
        of_these = self._connection.execute(every.where(a.submission_id.in_(IDS)), named(submissions))
        return {tuple(row) for row in of_these}

    def lacks_keys(self, source: str) -> bool:
        """Whether the key of something a source keeps sealed is missing, which only the source can give again."""
        a, i = t.artifacts.c, t.inbox.c
        named = (
            sa.select(a.submission_id, a.artifact_id, a.blob_digest)
            .select_from(t.artifacts.join(t.inbox, i.submission_id == a.submission_id))
            .where(a.source == source, i.set_aside.is_(False), a.plain.is_(False), may_be_here())
        )
        held = self._keys.held()
        of_any = {(submission_id, artifact_id) for submission_id, artifact_id, digest in held if not digest}
        return any(tuple(row) not in held and tuple(row)[:2] not in of_any for row in self._rows(named))

    def artifacts_wanted(
        self, source: str, originals: bool = False, parked: bool = False
    ) -> list[WantedArtifact]:
        """What is still to be fetched for standing assignments: due first, and of one submission the small first.

        Recordings that have a rendition wait until they are asked for, or until all `originals` are. With `parked` also
        what there was no room for.
        """
        a, i = t.artifacts.c, t.inbox.c
        joined = t.artifacts.join(t.inbox, i.submission_id == a.submission_id)
        wanted = (
            sa.select(t.artifacts, i.due_at)
            .select_from(joined)
            .where(a.source == source, a.here.is_(False), i.set_aside.is_(False), may_be_here())
            .where(a.parked == "" if not parked else sa.and_(a.parked != FREED, i.state.not_in(OVER)))
            .order_by(may_wait(), i.due_at.is_(None), i.due_at, a.length, a.artifact_id)
        )
        if not originals:
            wanted = wanted.where(sa.not_(may_wait()))
        return [self._wanted(row) for row in self._rows(wanted)]

    def artifacts_to_come(self, source: str) -> tuple[int, int]:
        """How many files of how many bytes are still to be fetched from a source for standing assignments."""
        a, i = t.artifacts.c, t.inbox.c
        joined = t.artifacts.join(t.inbox, i.submission_id == a.submission_id)
        which = (
            a.source == source,
            a.here.is_(False),
            i.set_aside.is_(False),
            may_be_here(),
            a.parked == "",
            sa.not_(may_wait()),
        )
        weight = sa.func.coalesce(sa.func.sum(a.length), 0)
        count, length = self._connection.execute(
            sa.select(sa.func.count(), weight).select_from(joined).where(*which)
        ).one()
        return int(count), int(length)

    def artifact_wanted(self, submission_id: str, artifact_id: str) -> tuple[str, WantedArtifact] | None:
        """The source of one artifact whose bytes are not here, and where they are; None where there is none such."""
        a = t.artifacts.c
        own = (a.submission_id == submission_id, a.artifact_id == artifact_id)
        query = sa.select(t.artifacts, sa.null().label("due_at")).where(
            *own, a.here.is_(False), a.removed == ""
        )
        return next(((row.source, self._wanted(row)) for row in self._rows(query)), None)

    def counts(self, source: str) -> SourceCounts:
        """What stands on this desk from one source, to be compared with what the source says."""
        i, a = t.inbox.c, t.artifacts.c
        standing = sa.select(i.submission_id).where(i.source == source, i.set_aside.is_(False))
        assigned = sa.select(sa.func.count()).where(
            t.assignments.c.set_aside.is_(False), t.assignments.c.submission_id.in_(standing)
        )
        held = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(a.length), 0)).where(
            a.submission_id.in_(standing),
            a.removed.not_in((QUARANTINE, ENDED)),
            sa.not_(a.artifact_id.contains("~")),
        )
        number, length = self._connection.execute(held).one()
        return SourceCounts(int(self._value(assigned) or 0), int(number), int(length))

    def ledger(self) -> LedgerTotals:
        """How much of what was assigned is here, and how much still has to leave."""
        a, i = t.artifacts.c, t.inbox.c
        here = sa.case((a.here, 1), else_=0)
        total = sa.func.coalesce(sa.func.sum(a.length), 0)
        gone = sa.func.coalesce(sa.func.sum(a.length * (1 - here)), 0)
        standing = t.artifacts.join(t.inbox, i.submission_id == a.submission_id)
        which = (i.set_aside.is_(False), may_be_here())
        comes = sa.or_(a.here, a.parked == "")
        wanted = (
            sa.select(sa.func.coalesce(sa.func.sum(here), 0), sa.func.count(), gone, total)
            .select_from(standing)
            .where(*which, comes, sa.not_(may_wait()))
        )
        ready, number, to_go, all_bytes = self._connection.execute(wanted).one()
        later = self._value(sa.select(total).select_from(standing).where(*which, may_wait()))
        waits = (t.outbox.c.delivered_at.is_(None), sa.not_(kept_back()))
        waiting = self._value(sa.select(sa.func.count()).where(*waits))
        parked = sa.select(sa.func.count(), total).select_from(standing).where(*which, a.parked == QUOTA)
        left, left_bytes = self._connection.execute(parked.where(i.state.not_in(OVER))).one()
        return LedgerTotals(
            int(ready), int(number), int(to_go), int(all_bytes), int(waiting or 0), int(later or 0), int(left),
            int(left_bytes),
        )  # fmt: skip

    def _artifact_lines(self, which: sa.ColumnElement[bool]) -> list[ArtifactLine]:
        removed = sa.case((may_be_here(), ""), else_=t.artifacts.c.removed).label("gone")
        return [
            ArtifactLine(
                row.submission_id, row.artifact_id, row.blob_digest, row.length, bool(row.here), row.trouble, row.gone,
                bool(row.asked), row.parked,
            )
            for row in self._rows(sa.select(t.artifacts, removed).where(which))
        ]  # fmt: skip

    def _rows(self, wanted: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        return self._connection.execute(wanted).all()

    def _row(self, wanted: sa.Select[Any]) -> sa.Row[Any] | None:
        return self._connection.execute(wanted).first()

    def _value(self, wanted: sa.Select[Any]) -> Any:
        return self._connection.execute(wanted).scalar()

    def _wanted(self, row: sa.Row[Any]) -> WantedArtifact:
        key = b"" if row.plain else self._keys.key(row.submission_id, row.artifact_id, row.blob_digest) or b""
        blob = Blob(row.submission_id, row.artifact_id, row.source_digest, row.length, key)
        return WantedArtifact(blob, row.due_at, bool(row.plain))


@cache
def may_be_here() -> sa.ColumnElement[bool]:
    """Whether an artifact's bytes may be on this desk.

    What was kept as long as the policy says is wanted again once there is work to do on it, as for a correction.
    """
    a, i = t.artifacts.c, t.inbox.c
    at_work = sa.exists().where(
        i.submission_id == a.submission_id, i.set_aside.is_(False), i.state.not_in(OVER)
    )
    return sa.or_(a.removed == "", sa.and_(a.removed == RETENTION, at_work.correlate(t.artifacts)))
