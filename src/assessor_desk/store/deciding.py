"""What a reviewer's desk keeps: packets to decide on with the texts in them, pass-backs, holds, recipients, releases.

Handed out by a view (`Reading.deciding`); its writing verbs count within a transaction only, like all of that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from assessor_desk.domain.changes import DeliveredPacket, Held, PassedBack, Recipient, SourceChanges
from assessor_desk.store import tables as t
from assessor_desk.store.badges import KIND as BADGE
from assessor_desk.store.badges import badge_to_bytes
from assessor_desk.store.lines import InboxState

_INDEX = "INSERT INTO review_texts VALUES (:digest, :submission, :field, :criterion, :text)"
#: What went out last of the newest revision of the assignment that was begun last, as `Reading.reviews` orders them.
#: A token is checked once the file is here that it is over: a line that never had one (of length 0) proves nothing.
_STAMPED = """WITH begun AS (SELECT id, submission_id, assignment_id, revision,
        min(opened_at) OVER (PARTITION BY submission_id, assignment_id) AS begun FROM reviews
        WHERE submission_id IN (SELECT value FROM json_each(:submissions))),
    ranked AS (SELECT b.submission_id, o.time_stamp, o.length, row_number() OVER (PARTITION BY b.submission_id
        ORDER BY b.begun DESC, b.assignment_id DESC, b.revision DESC, o.waiting_since DESC, o.rowid DESC) AS place
        FROM begun b LEFT JOIN outbox o ON o.review_id = b.id)
    SELECT submission_id FROM ranked WHERE place = 1 AND length(time_stamp) > 0 AND ranked.length > 0"""
_SEARCH = """SELECT digest, submission_id, field, criterion, snippet(review_texts, 4, ?, ?, '…', 16)
    FROM review_texts WHERE review_texts MATCH ? ORDER BY rank LIMIT ? OFFSET ?"""
#: What the search gives around a word it found.
MARK_FROM, MARK_TO = "\x02", "\x03"


@dataclass(frozen=True, slots=True)
class DeliveredLine:
    """A packet on this desk. `stated` are its `review.json` and `feedback.json`, None until it was read here.

    `held` is whether it was verified, `verdict` the verdict's sentence. The sealed file is `blob`, opened by `key`.
    """

    digest: str
    submission_id: str
    assignment_id: str
    person: str
    received_at: datetime
    blob: str
    length: int
    here: bool
    held: bool
    verdict: str
    stated: Mapping[str, Any] | None = None
    key: bytes = field(repr=False, default=b"")
    receipt: bytes = field(repr=False, default=b"")
    time_stamp: bytes = field(repr=False, default=b"")


@dataclass(frozen=True, slots=True)
class Found:
    """A text in which the words looked for stand; `excerpt` has them between U+0002 and U+0003."""

    digest: str
    submission_id: str
    field: str
    criterion: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """That a report was released: of which decision, how (`folder` or `hub`), where to and when."""

    decision: str
    submission_id: str
    outcome: str
    how: str
    folder: str
    at: datetime


class Deciding:
    """The reviewer's part of one view or transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    # -- packets -----------------------------------------------------------------------------------------------

    def of(self, submission_id: str) -> list[DeliveredLine]:
        """The packets of a submission, oldest first."""
        own = t.delivered.c
        return self._lines(own.submission_id == submission_id)

    def packet(self, digest: str) -> DeliveredLine | None:
        """One packet, or None for an unknown one."""
        found = self._lines(t.delivered.c.digest == digest)
        return found[0] if found else None

    def wanted(self, source: str) -> list[DeliveredLine]:
        """Packets whose files are still to be fetched."""
        return self._lines(t.delivered.c.source == source, t.delivered.c.here.is_(False))

    def unread(self) -> list[DeliveredLine]:
        """Packets that are here and were not read yet."""
        return self._lines(t.delivered.c.here, t.delivered.c.stated.is_(None), t.delivered.c.verdict == "")

    def files_here(self) -> set[str]:
        """The sealed files that are said to be here."""
        query = sa.select(t.delivered.c.blob).where(t.delivered.c.here)
        return set(self._connection.execute(query).scalars())

    def files(self) -> set[str]:
        """Every sealed file that holds a packet."""
        return set(self._connection.execute(sa.select(t.delivered.c.blob)).scalars())

    def arrived(self, digest: str) -> None:
        """The file of a packet is here."""
        self._run(sa.update(t.delivered).where(t.delivered.c.digest == digest).values(here=True))

    def missing(self, blobs: Iterable[str]) -> None:
        """These files are not here after all."""
        self._run(sa.update(t.delivered).where(t.delivered.c.blob.in_(list(blobs))).values(here=False))

    def read(
        self,
        digest: str,
        stated: Mapping[str, Any] | None,
        held: bool,
        verdict: str,
        texts: Iterable[tuple[str, str, str]] = (),
    ) -> None:
        """Keep what a packet states, and index its `texts` (field, criterion, words)."""
        own = t.delivered.c
        row = sa.update(t.delivered).where(own.digest == digest)
        self._run(row.values(stated=None if stated is None else dict(stated), held=held, verdict=verdict))
        submission_id = self._connection.execute(
            sa.select(own.submission_id).where(own.digest == digest)
        ).scalar()
        self._run(sa.text("DELETE FROM review_texts WHERE digest = :digest"), {"digest": digest})
        rows = [
            {
                "digest": digest,
                "submission": submission_id,
                "field": which,
                "criterion": criterion,
                "text": words,
            }
            for which, criterion, words in texts
        ]
        if rows:
            self._run(sa.text(_INDEX), rows)

    def forget(self, submission_id: str) -> None:
        """Nothing of a submission's packets stays: whoever is recused must not have read them."""
        self._run(sa.text("DELETE FROM review_texts WHERE submission_id = :own"), {"own": submission_id})
        self._run(sa.delete(t.delivered).where(t.delivered.c.submission_id == submission_id))

    def search(self, words: str, limit: int = 50, offset: int = 0) -> list[Found]:
        """Texts of delivered reviews with all these words, or their beginnings; the best first (BM25)."""
        wanted = match_expression(words)
        if not wanted:
            return []
        # By the driver alone: what SQLAlchemy does around a statement takes as long as finding a rare word.
        cursor = self._connection.connection.cursor()
        try:
            cursor.execute(_SEARCH, (MARK_FROM, MARK_TO, wanted, limit, offset))
            return [Found(*row) for row in cursor.fetchall()]
        finally:
            cursor.close()

    def keys(self, submissions: Iterable[str]) -> dict[str, str]:
        """The keys of these submissions, by id."""
        own = t.submissions.c
        rows = self._rows(sa.select(own.id, own.key).where(own.id.in_(list(submissions))))
        return {row.id: row.key for row in rows}

    # -- pass-backs, holds, recipients -------------------------------------------------------------------------

    def passed_back(self, assignment_id: str) -> list[PassedBack]:
        """Whatever of an assignment was passed back, oldest first."""
        own = t.passed_back.c
        rows = self._rows(sa.select(t.passed_back).where(own.assignment_id == assignment_id).order_by(own.at))
        return [PassedBack(**row._mapping) for row in rows]

    def holds(self, submission_id: str) -> list[Held]:
        """The holds that stand on a submission."""
        own = t.holds.c
        rows = self._rows(
            sa.select(t.holds).where(own.submission_id == submission_id, own.lifted_at.is_(None))
        )
        return [Held(**row._mapping) for row in rows]

    def about(self, hold_id: str) -> str:
        """The submission that a hold of that name is on, lifted or not; empty for an unknown one."""
        wanted = sa.select(t.holds.c.submission_id).where(t.holds.c.id == hold_id)
        return next((str(row.submission_id) for row in self._rows(wanted)), "")

    def last_lifted(self, submission_id: str) -> datetime | None:
        """When the last hold on a submission was lifted; None where none ever was."""
        own = t.holds.c
        query = sa.select(sa.func.max(own.lifted_at, type_=t.Instant)).where(
            own.submission_id == submission_id
        )
        return self._connection.execute(query).scalar()

    def hold(self, held: Held) -> None:
        """Keep a hold, put on here or told by the source; the newer word on it counts."""
        self._run(insert(t.holds).values(**asdict(held)).prefix_with("OR REPLACE"))

    def quarantined(self) -> set[tuple[str, str]]:
        """Submission and artifact of every file that a standing hold closes."""
        own = t.holds.c
        query = sa.select(own.submission_id, own.artifact_id)
        rows = self._rows(query.where(own.lifted_at.is_(None), own.artifact_id != ""))
        return {(row.submission_id, row.artifact_id) for row in rows}

    def recipient(self, submission_id: str) -> Recipient | None:
        """Whom the report goes to; None before the source said so."""
        own = t.recipients.c
        rows = self._rows(sa.select(t.recipients).where(own.submission_id == submission_id))
        return Recipient(**rows[0]._mapping) if rows else None

    def recipients(self) -> dict[str, Recipient]:
        """Whom reports go to, by submission; those left out of which the source did not say so yet."""
        return {row.submission_id: Recipient(**row._mapping) for row in self._rows(sa.select(t.recipients))}

    def stamped(self, submissions: Iterable[str]) -> set[str]:
        """Those of which what was decided last has a time-stamp."""
        asked = {"submissions": json.dumps(list(submissions))}
        return set(self._connection.execute(sa.text(_STAMPED), asked).scalars())

    def accept(self, changes: SourceChanges, source: str) -> None:
        """Take what a page brings for deciding. Taking it twice changes nothing more."""
        for packet in changes.packets:
            self._run(insert(t.delivered).values(**_row(packet, source)).on_conflict_do_nothing())
            if packet.time_stamp:
                known = sa.update(t.delivered).where(t.delivered.c.digest == packet.digest)
                self._run(known.values(time_stamp=packet.time_stamp))
        for table, things in ((t.passed_back, changes.passed_back), (t.holds, changes.holds),
                              (t.recipients, changes.recipients)):  # fmt: skip
            for thing in things:
                self._run(insert(table).values(**asdict(thing)).prefix_with("OR REPLACE"))
        for badge in changes.badges:
            row = {"kind": BADGE, "id": badge.submission_id, "version": "", "signature": b""}
            content = badge_to_bytes(badge)
            self._run(insert(t.published).values(**row, content=content).prefix_with("OR REPLACE"))

    # -- releases ----------------------------------------------------------------------------------------------

    def releases(self, submission_id: str = "") -> list[ReleaseLine]:
        """What was released, oldest first; of one submission or of all."""
        own = t.releases.c
        query = sa.select(t.releases).order_by(own.at, own.decision)
        rows = self._rows(query.where(own.submission_id == submission_id) if submission_id else query)
        return [ReleaseLine(**row._mapping) for row in rows]

    def record_release(self, line: ReleaseLine) -> bool:
        """Write a release down; False where that decision's report was released before."""
        done = self._connection.execute(insert(t.releases).values(**asdict(line)).on_conflict_do_nothing())
        return bool(done.rowcount)

    def releases_through(self, source: str) -> list[str]:
        """Decisions that were delivered to a source and whose report was released."""
        own, o = t.releases.c, t.outbox.c
        query = sa.select(own.decision).join(t.outbox, o.digest == own.decision).where(o.source == source)
        return [row.decision for row in self._rows(query.order_by(own.at, own.decision))]

    def forget_release(self, decision: str) -> None:
        """The source does not know any more that a report was released: it can be released again."""
        own = t.releases.c
        released = sa.select(own.submission_id).where(own.decision == decision).scalar_subquery()
        waits = {"state": InboxState.DELIVERED.value}
        which = (t.inbox.c.submission_id == released, t.inbox.c.state == InboxState.RELEASED.value)
        self._run(sa.update(t.inbox).where(*which).values(**waits))
        self._run(sa.delete(t.releases).where(own.decision == decision))

    # ----------------------------------------------------------------------------------------------------------

    def _lines(self, *which: sa.ColumnElement[bool]) -> list[DeliveredLine]:
        own = t.delivered.c
        return [
            DeliveredLine(
                digest=row.digest,
                submission_id=row.submission_id,
                assignment_id=row.assignment_id,
                person=row.person,
                received_at=row.received_at,
                blob=row.blob,
                length=row.length,
                here=bool(row.here),
                held=bool(row.held),
                verdict=row.verdict,
                stated=row.stated,
                key=row.blob_key,
                receipt=row.receipt,
                time_stamp=row.time_stamp or b"",
            )
            for row in self._rows(sa.select(t.delivered).where(*which).order_by(own.received_at, own.digest))
        ]

    def _rows(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        return self._connection.execute(query).all()

    def _run(self, statement: Any, values: Any = None) -> None:
        self._connection.execute(statement, values)


def match_expression(words: str) -> str:
    """An FTS5 query for all of these words, the last of them as a beginning; empty where there is no word.

    Each is quoted, so that nothing a person types is taken for FTS5's own syntax
    (https://www.sqlite.org/fts5.html#full_text_query_syntax).
    """
    found = re.findall(r"\w+", words)
    return " ".join(f'"{word}"' for word in found) + ("*" if found else "")


def _row(packet: DeliveredPacket, source: str) -> dict[str, Any]:
    return {
        "digest": packet.digest,
        "submission_id": packet.submission_id,
        "assignment_id": packet.assignment_id,
        "person": packet.person,
        "source": source,
        "received_at": packet.received_at,
        "receipt": packet.receipt,
        "blob": packet.blob,
        "blob_key": packet.key,
        "length": packet.length,
        "here": False,
        "held": False,
        "verdict": "",
    }
