"""What is held on this desk and may be let go of, and what was destroyed: within one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from assessor_desk.domain.custody import BEHIND, Destruction, Piece
from assessor_desk.domain.renditions import Shown, artifact_of, is_rendition, rendition_id
from assessor_desk.store import tables as t
from assessor_desk.store.lines import InboxState

#: Under which name it is kept, by source, when that was last in contact.
CONTACTS = "contacts"
#: The work is over: nothing is fetched for it of itself.
OVER = (InboxState.DELIVERED.value, InboxState.RELEASED.value)


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A sealed file of a submission's evidence as the ledger has it, with how its submission stands.

    `over`: its review is delivered, or it is set aside; `begun`: something was done about it here and was not
    delivered. `offline` is `kept` or `freed` where a person said so.
    """

    submission_id: str
    artifact_id: str
    digest: str
    length: int
    here: bool
    parked: str
    removed: str
    due_at: datetime | None
    over: bool
    begun: bool
    offline: str

    @property
    def place(self) -> tuple[str, str]:
        """Submission and ledger's id."""
        return self.submission_id, self.artifact_id

    @property
    def rendition(self) -> bool:
        """Whether it stands in for a recording."""
        return is_rendition(self.artifact_id)

    @property
    def stands_for(self) -> str:
        """The artifact that it is, or stands in for."""
        return artifact_of(self.artifact_id)

    @property
    def made_here(self) -> bool:
        """Whether this desk made it, so that it cannot be fetched."""
        return self.artifact_id == rendition_id(self.stands_for, Shown.PLAYABLE)


@dataclass(frozen=True, slots=True)
class Owed:
    """A destruction with the receipt for its source, as far as they have come. `digest` names the document."""

    made: Destruction
    document: bytes = b""
    digest: str = ""
    delivered_at: datetime | None = None
    receipt: bytes = b""


class Custody:
    """Files, wishes about them, and destructions."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    # -- what is here ------------------------------------------------------------------------------------------

    def files(self) -> list[HeldFile]:
        """Every file that the ledger names."""
        a, i, r = t.artifacts.c, t.inbox.c, t.reviews.c
        begun = sa.exists().where(r.submission_id == i.submission_id).correlate(t.inbox)
        query = sa.select(
            a.submission_id, a.artifact_id, a.blob_digest, a.length, a.here, a.parked, a.removed,
            i.due_at, i.state, i.set_aside, i.offline, begun.label("begun"),
        ).select_from(t.artifacts.join(t.inbox, i.submission_id == a.submission_id))  # fmt: skip
        rows = self._connection.execute(query.order_by(a.submission_id, a.artifact_id))
        return [_file(row) for row in rows]

    def policies_in_force(self) -> list[tuple[str, str, str]]:
        """Source, id and version of the policies of assignments that stand and have evidence here."""
        a, i, own = t.artifacts.c, t.inbox.c, t.assignments.c
        here = sa.exists().where(a.submission_id == i.submission_id, a.here).correlate(t.inbox)
        named = [sa.func.json_extract(own.content, f"$.{name}") for name in ("policy_id", "policy_version")]
        query = (
            sa.select(i.source, *named)
            .distinct()
            .select_from(t.assignments.join(t.inbox, i.submission_id == own.submission_id))
            .where(own.set_aside.is_(False), here)
        )
        return [(row[0], row[1], row[2]) for row in self._connection.execute(query)]

    def park(self, places: Iterable[tuple[str, str]], why: str, trouble: str) -> None:
        """These files are not here, to save room; `trouble` says so where somebody looks for one."""
        self._change(places, here=False, parked=why, trouble=trouble)

    def unpark(self, places: Iterable[tuple[str, str]]) -> None:
        """These are to come."""
        self._change(places, parked="", trouble="")

    def wish(self, submission_ids: Iterable[str], offline: str) -> None:
        """A person said whether a submission is to be available offline."""
        i = t.inbox.c
        for submission_id in submission_ids:
            change = sa.update(t.inbox).where(i.submission_id == submission_id)
            self._connection.execute(change.values(offline=offline))

    def _change(self, places: Iterable[tuple[str, str]], **values: Any) -> None:
        a = t.artifacts.c
        for submission_id, artifact_id in places:
            which = (a.submission_id == submission_id, a.artifact_id == artifact_id)
            self._connection.execute(sa.update(t.artifacts).where(*which).values(**values))

    # -- what was destroyed ------------------------------------------------------------------------------------

    def note_destroyed(self, submission_id: str, why: str, at: datetime, pieces: Iterable[Piece]) -> None:
        """The keys of these go with this transaction."""
        fresh, s = list(pieces), t.submissions.c
        source = self._connection.execute(sa.select(s.source).where(s.id == submission_id)).scalar()
        if fresh and source is not None:
            self._note(submission_id, source, why, at, fresh)

    def note_nothing_here(
        self, submission_id: str, source: str, why: str, at: datetime, pieces: Iterable[Piece]
    ) -> None:
        """Of what a source gave keys of, and this desk does not know, at most these pieces; said once.

        Again where all that is owed is from before: the source may have given keys since, and would take it to be of
        others. An older word that nothing was here gives way to this one.
        """
        d = t.destructions.c
        owed = (d.submission_id == submission_id, d.source == source, d.delivered_at.is_(None))
        fresh = sa.select(d.id).where(*owed, d.destroyed_at >= at - BEHIND)
        if self._connection.execute(fresh).first() is None:
            nothing = sa.func.json_array_length(d.pieces) == 0
            self._connection.execute(sa.delete(t.destructions).where(*owed, nothing))
            self._note(submission_id, source, why, at, list(pieces))

    def _note(self, submission_id: str, source: str, why: str, at: datetime, fresh: list[Piece]) -> None:
        e = t.exports.c
        exports = sa.select(sa.func.count()).where(e.submission_id == submission_id)
        told = [{"artifact": one.artifact_id, "what": one.what, "sha256": one.digest} for one in fresh]
        row = {
            "id": str(uuid4()), "submission_id": submission_id, "source": source, "why": why, "destroyed_at": at,
            "pieces": told, "exports": self._connection.execute(exports).scalar_one(),
        }  # fmt: skip
        self._connection.execute(sa.insert(t.destructions).values(**row))

    def destructions(self, submission_id: str = "") -> list[Owed]:
        """All, or those of one submission, oldest first."""
        d = t.destructions.c
        query = sa.select(t.destructions).order_by(d.destroyed_at, d.id)
        rows = self._connection.execute(
            query.where(d.submission_id == submission_id) if submission_id else query
        )
        return [_owed(row) for row in rows]

    def unsettled(self) -> list[Owed]:
        """Of which something is still here, or whose receipt is not signed, or was refused, or taken once and lost."""
        d = t.destructions.c
        again = sa.and_(d.delivered_at.is_(None), sa.or_(d.trouble != "", sa.func.length(d.receipt) > 0))
        query = sa.select(t.destructions).where(sa.or_(d.gone_at.is_(None), d.digest == "", again))
        return [_owed(row) for row in self._connection.execute(query.order_by(d.destroyed_at, d.id))]

    def to_send(self, source: str) -> list[Owed]:
        """Signed receipts that the source has not taken yet."""
        d = t.destructions.c
        waits = (d.source == source, d.digest != "", d.delivered_at.is_(None))
        return [_owed(row) for row in self._connection.execute(sa.select(t.destructions).where(*waits))]

    def sent(self, source: str) -> list[str]:
        """Digests of the receipts that the source has taken."""
        d = t.destructions.c
        query = sa.select(d.digest).where(d.source == source, d.delivered_at.is_not(None))
        return list(self._connection.execute(query).scalars())

    def settle(self, made: Destruction) -> None:
        """Nothing is left of it since then, or what still is."""
        self._set(made.id, destroyed_at=made.destroyed_at, gone_at=made.gone_at, trouble=made.trouble)

    def sign(self, destruction_id: str, document: bytes, digest: str) -> None:
        """The receipt for the source."""
        self._set(destruction_id, document=document, digest=digest)

    def taken(self, destruction_id: str, receipt: bytes, at: datetime) -> None:
        """The source has taken it."""
        self._set(destruction_id, receipt=receipt, delivered_at=at, trouble="")

    def not_sent(self, destruction_id: str, trouble: str) -> None:
        """Why the source did not take it; it waits."""
        self._set(destruction_id, trouble=trouble)

    def send_again(self, source: str, held: Iterable[str]) -> int:
        """A source that was restored has only these: the others wait once more. Returns how many."""
        d = t.destructions.c
        lost = (d.source == source, d.delivered_at.is_not(None), d.digest.not_in(list(held)))
        return self._connection.execute(
            sa.update(t.destructions).where(*lost).values(delivered_at=None)
        ).rowcount

    def _set(self, destruction_id: str, **values: Any) -> None:
        which = t.destructions.c.id == destruction_id
        self._connection.execute(sa.update(t.destructions).where(which).values(**values))


def what_of(artifact_id: str) -> Piece:
    """Of which artifact a ledger's id is, and what of it; the digest is left empty."""
    for shown in (Shown.SMALL, Shown.PLAYABLE):
        own = artifact_of(artifact_id)
        if artifact_id == rendition_id(own, shown):
            return Piece(own, shown.value, "")
    return Piece(artifact_id, "original", "")


def pieces_of(lines: Iterable[tuple[str, str]]) -> Iterator[Piece]:
    """Ledger ids and digests as pieces."""
    for artifact_id, digest in lines:
        what = what_of(artifact_id)
        yield Piece(what.artifact_id, what.what, digest)


def _file(row: Any) -> HeldFile:
    over = bool(row.set_aside) or row.state in OVER
    return HeldFile(
        row.submission_id, row.artifact_id, row.blob_digest, row.length, bool(row.here), row.parked, row.removed,
        row.due_at, over, bool(row.begun) and not over, row.offline,
    )  # fmt: skip


def _owed(row: sa.Row[Any]) -> Owed:
    pieces = tuple(Piece(one["artifact"], one["what"], one["sha256"]) for one in row.pieces)
    made = Destruction(
        row.id, row.source, row.submission_id, row.why, row.destroyed_at, pieces, row.exports, row.gone_at, row.trouble
    )  # fmt: skip
    return Owed(made, row.document or b"", row.digest, row.delivered_at, row.receipt or b"")
