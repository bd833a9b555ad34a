"""What goes to the person's other devices and what comes from them: entries, in which revision, what was delivered."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from assessor_desk.domain.changes import TimeStamp
from assessor_desk.domain.review import Entry, EntryKind
from assessor_desk.store import tables as t
from assessor_desk.store.lines import ReviewLine

#: What a device seals as a file; notes and concerns are written anew from their entries.
_SEALED = ("packet", "decision")
#: With this fact each entry is noted to be sent.
_TRAVELS = "entries travel"
#: What came and is not yet part of what the inbox shows.
_ARRIVED = "entries arrived"
#: Tokens by the digest of what they are over, where no line of the outbox tells of that yet.
_EARLY_STAMPS = "time-stamps ahead of what they are over"


@dataclass(frozen=True, slots=True)
class Delivered:
    """That a source has what was sealed in a review, with its receipt; `line_id` where that lies in the outbox here."""

    review_id: str
    digest: str
    kind: str
    delivered_at: datetime
    receipt: bytes
    line_id: str = ""


class Travelling:
    """Part of one view or transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    # -- going -------------------------------------------------------------------------------------------------

    def to_send(self, source: str, most: int) -> list[Entry]:
        """Entries about submissions of a source that the other devices were not sent yet, in order."""
        e, r = t.entries.c, t.reviews.c
        here = (
            sa.select(t.entries)
            .join(t.entries_to_send, t.entries_to_send.c.entry_id == e.id)
            .join(t.reviews, r.id == e.review_id)
            .join(t.submissions, t.submissions.c.id == r.submission_id)
            .where(t.submissions.c.source == source)
        )
        rows = self._connection.execute(here.order_by(e.counter, e.device, e.id).limit(most))
        return [_entry(row) for row in rows]

    def revisions(self, review_ids: Iterable[str]) -> list[ReviewLine]:
        """The revisions of these ids."""
        from assessor_desk.domain.roles import Purpose

        rows = self._connection.execute(sa.select(t.reviews).where(t.reviews.c.id.in_(list(review_ids))))
        return [
            ReviewLine(
                row.id,
                row.submission_id,
                row.assignment_id,
                row.revision,
                Purpose(row.purpose),
                row.opened_at,
            )
            for row in rows
        ]

    def deliveries_to_send(self, source: str, most: int) -> list[Delivered]:
        """What a source gave a receipt for and the other devices were not told of yet, whenever that was."""
        o = t.outbox.c
        untold = o.id.in_(sa.select(t.deliveries_to_send.c.line_id))  # few as a rule, whatever was delivered
        query = sa.select(t.outbox).where(untold, o.source == source, o.delivered_at.is_not(None))
        return [
            Delivered(row.review_id, row.digest, row.kind, row.delivered_at, row.receipt, row.id)
            for row in self._connection.execute(query.order_by(o.id).limit(most))
        ]

    def sent(self, entry_ids: Iterable[str]) -> None:
        """These need not be sent (any more)."""
        rows = [{"own": one} for one in entry_ids]
        if rows:
            gone = sa.delete(t.entries_to_send).where(t.entries_to_send.c.entry_id == sa.bindparam("own"))
            self._connection.execute(gone, rows)

    def told(self, line_ids: Iterable[str]) -> None:
        """Of these deliveries the other devices need not be told (any more)."""
        gone = t.deliveries_to_send.c.line_id.in_(list(line_ids))
        self._connection.execute(sa.delete(t.deliveries_to_send).where(gone))

    def send_all(self, source: str) -> None:
        """Everything about submissions of a source is to be sent, from the beginning, and whatever is written next."""
        self._connection.execute(insert(t.facts).values(name=_TRAVELS, value=True).on_conflict_do_nothing())
        every = (
            sa.select(t.entries.c.id)
            .join(t.reviews, t.reviews.c.id == t.entries.c.review_id)
            .join(t.submissions, t.submissions.c.id == t.reviews.c.submission_id)
            .where(t.submissions.c.source == source)
        )
        again = insert(t.entries_to_send).from_select(["entry_id"], every).on_conflict_do_nothing()
        self._connection.execute(again)
        o = t.outbox.c
        delivered = sa.select(o.id).where(o.source == source, sa.func.length(o.receipt) > 0)
        told_again = insert(t.deliveries_to_send).from_select(["line_id"], delivered).on_conflict_do_nothing()
        self._connection.execute(told_again)

    # -- coming ------------------------------------------------------------------------------------------------

    def take(self, revisions: Sequence[ReviewLine], entries: Sequence[Entry]) -> int:
        """Add what another device wrote; how many of it are new. What was forgotten here stays forgotten."""
        for line in revisions:
            self.open_revision(line)
        known = self._known(one.id for one in entries)
        forgotten = self._forgotten({one.review_id for one in entries})
        fresh = [
            one
            for one in entries
            if one.id not in known and not (one.review_id in forgotten and one.at <= forgotten[one.review_id])
        ]
        if fresh:
            rows = [
                {"id": e.id, "review_id": e.review_id, "kind": e.kind.value, "data": dict(e.data), "at": e.at,
                 "device": e.device, "counter": e.counter, "step": e.step}
                for e in fresh
            ]  # fmt: skip
            self._connection.execute(insert(t.entries).on_conflict_do_nothing(), rows)
            self.sent(one.id for one in fresh)
        self.note_arrived({one.review_id for one in fresh})
        return len(fresh)

    def open_revision(self, line: ReviewLine) -> None:
        """Begin a revision, unless another device's is here already."""
        row = {
            "id": line.id, "submission_id": line.submission_id, "assignment_id": line.assignment_id,
            "revision": line.revision, "purpose": line.purpose.value, "opened_at": line.opened_at,
        }  # fmt: skip
        self._connection.execute(insert(t.reviews).values(**row).on_conflict_do_nothing())

    def take_deliveries(self, source: str, delivered: Iterable[Delivered]) -> None:
        """That a source has what another device sealed. What this one sealed, it knows of by itself."""
        for one in delivered:
            o = t.outbox.c
            if self._connection.execute(sa.select(o.id).where(o.digest == one.digest)).first() is not None:
                continue
            row = {
                "id": str(uuid5(NAMESPACE_URL, f"delivered {one.digest}")), "source": source, "kind": one.kind,
                "review_id": one.review_id, "file": "", "length": 0, "file_key": b"", "digest": one.digest,
                "waiting_since": one.delivered_at, "delivered_at": one.delivered_at, "receipt": one.receipt,
            }  # fmt: skip
            self._connection.execute(insert(t.outbox).values(**row).on_conflict_do_nothing())
            if token := self._early_stamps().get(one.digest):
                self.take_stamp(TimeStamp(one.digest, b64decode(token)))
            self.note_arrived({one.review_id})

    def take_stamp(self, stamp: TimeStamp) -> None:
        """Keep a time-stamp with what was delivered, which another device may have sealed and not told of yet."""
        line = sa.update(t.outbox).where(t.outbox.c.digest == stamp.packet)
        known = bool(self._connection.execute(line.values(time_stamp=stamp.token)).rowcount)
        early = self._early_stamps()
        if known and stamp.packet not in early:
            return
        others = {digest: token for digest, token in early.items() if digest != stamp.packet}
        kept = others if known else {**others, stamp.packet: b64encode(stamp.token).decode()}
        fact = insert(t.facts).values(name=_EARLY_STAMPS, value=kept)
        changed = {"value": fact.excluded.value}
        self._connection.execute(fact.on_conflict_do_update(index_elements=["name"], set_=changed))

    def _early_stamps(self) -> dict[str, str]:
        query = sa.select(t.facts.c.value).where(t.facts.c.name == _EARLY_STAMPS)
        return dict(self._connection.execute(query).scalar() or {})

    def stamp_over(self, line_id: str) -> bytes:
        """The token that came for a line of the outbox, empty where none did."""
        query = sa.select(t.outbox.c.time_stamp).where(t.outbox.c.id == line_id)
        return self._connection.execute(query).scalar() or b""

    def drop_stamp(self, line_id: str) -> None:
        """The token that came for a line does not hold."""
        self._connection.execute(sa.update(t.outbox).where(t.outbox.c.id == line_id).values(time_stamp=None))

    def elsewhere(self, source: str) -> list[tuple[str, str]]:
        """What another device sealed and the source has, but no file of it is here: lines and digests."""
        o = t.outbox.c
        which = (o.source == source, o.file == "", sa.func.length(o.receipt) > 0, o.kind.in_(_SEALED))
        return [
            (row.id, row.digest) for row in self._connection.execute(sa.select(o.id, o.digest).where(*which))
        ]

    def file_came(self, line_id: str, file: str, length: int, key: bytes) -> None:
        """The file of what another device sealed is here now."""
        here = sa.update(t.outbox).where(t.outbox.c.id == line_id)
        self._connection.execute(here.values(file=file, length=length, file_key=key))

    def drop_drafts(self, review_id: str) -> None:
        """Texts of a review that are being typed no longer."""
        self._connection.execute(sa.delete(t.drafts).where(t.drafts.c.review_id == review_id))

    def drop_packet(self, line_id: str) -> None:
        """A packet that its source refused, or would, as it has another's, waits no longer. Its file is swept."""
        self._connection.execute(sa.delete(t.outbox).where(t.outbox.c.id == line_id))

    def arrived(self) -> list[str]:
        """Reviews for which something came that is not yet part of what the inbox shows."""
        kept = self._connection.execute(sa.select(t.facts.c.value).where(t.facts.c.name == _ARRIVED)).scalar()
        return list(kept or ())

    def looked_at(self, review_ids: Iterable[str]) -> None:
        """What came for these is now."""
        gone = set(review_ids)
        self._keep_arrived([one for one in self.arrived() if one not in gone])

    def note_arrived(self, review_ids: AbstractSet[str]) -> None:
        """Something came for these that is not yet part of what the inbox shows."""
        if review_ids:
            self._keep_arrived(sorted({*self.arrived(), *review_ids}))

    def _keep_arrived(self, review_ids: list[str]) -> None:
        kept = insert(t.facts).values(name=_ARRIVED, value=review_ids)
        self._connection.execute(
            kept.on_conflict_do_update(index_elements=["name"], set_={"value": kept.excluded.value})
        )

    def _known(self, ids: Iterable[str]) -> set[str]:
        query = sa.select(t.entries.c.id).where(t.entries.c.id.in_(list(ids)))
        return set(self._connection.execute(query).scalars())

    def _forgotten(self, review_ids: set[str]) -> dict[str, datetime]:
        r = t.reviews.c
        query = sa.select(r.id, r.forgotten_at).where(r.id.in_(review_ids), r.forgotten_at.is_not(None))
        return {row.id: row.forgotten_at for row in self._connection.execute(query)}


def _entry(row: sa.Row[Any]) -> Entry:
    return Entry(
        row.id, row.review_id, EntryKind(row.kind), row.data, row.at, row.device, row.counter, row.step
    )
