"""The audit log: who saw and did what, when, and with which computer.

A line is appended in the transaction of the act itself, so that neither is without the other. It names people by their
number, computers and submissions by their id, files by their digest; never a name, never a content. Lines are numbered
without a gap, and each has the SHA-256 of its own fields and of the digest before it, so that whoever changes, removes
or moves one has to write all later ones anew; the numbers and digests that back-ups and print-outs tell of show that.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from assessor_desk.domain.errors import Refused
from assessor_desk.hub import tables as t

if TYPE_CHECKING:
    from assessor_desk.hub.hub import Hub
    from assessor_desk.protocol.messages import ChangesAnswer

#: What stands in place of the digest before the first line.
FIRST = "0" * 64
#: Fetching the same bytes once more within so long a time, as a resumed download does, is one line.
SAME_FETCH = timedelta(hours=1)
_BATCH = 1000


class Act(StrEnum):
    """What was seen or done. The subject of a line is what stands behind it here."""

    ADDED = "added"  # a person, by number
    GAVE_CODE = "gave code"  # for a person
    ENROLLED = "enrolled"  # a computer; its certificate's serial
    RENEWED = "renewed certificate"  # serial
    CERTIFIED = "certified"  # a request by file; a person
    REVOKED = "revoked"  # a computer, or a person with all of theirs; the reason
    TOLD_KEYS = "was given keys"  # of a submission's files; how many
    FETCHED = "fetched"  # a sealed file, by digest; which artifact it is
    DELIVERED = "delivered"  # a packet, decision, notes or concern, by digest
    RELEASED = "released"  # a decision, by digest; how
    PUBLISHED = "published"  # a document, by id and version
    WITHDREW_PHRASES = "withdrew phrases"  # a bank, by id
    IMPORTED = "imported"  # a submission, new or changed
    ASSIGNED = "assigned"  # an assignment, by id; to whom
    WITHDREW = "withdrew"  # an assignment, by id; from whom and why
    CONSENT_WITHDRAWN = "recorded withdrawn consent"
    AGREEMENT = "recorded agreement"  # to disclosure; given or withdrawn
    LIFTED = "lifted hold"  # by id
    EXPORTED = "exported"  # a case file, reports or notes; by digest where there is one
    ISSUED_BADGE = "issued badge"  # by id
    REVOKED_BADGE = "revoked badge"  # by id
    REPLACED_BADGE_KEY = "replaced badge key"  # the new one, by its identifier
    TOLD_DESTROYED = "reported destroyed"  # a submission's evidence at a desk; the receipt's digest, and why
    HELD = "placed hold"  # on the evidence of a submission; the hold's id, and its kind
    RELEASED_HOLD = "released hold"  # by id
    DESTROYED = "destroyed evidence"  # of a submission, here; how many files, and by which policy
    LIMITED = "set limits"
    BACKED_UP = "backed up"  # the back-up's name
    RESTORED = "restored"  # the back-up's name
    SWEPT = "swept"  # how many files
    ASKED_TO_JOIN = "asked to join"  # the person's other computers, by the request's id
    LET_IN = "let in"  # a computer, by the request's id
    TURNED_AWAY = "turned away"  # a computer, by the request's id
    SENT_ENTRIES = "sent entries"  # to the person's other computers; the batch's digest
    TOOK_ENTRIES = "took entries"  # how many batches
    KEPT_KEYS = "kept keys"  # wrapped with a passphrase; or took that copy back
    TOOK_KEYS = "took keys"  # the wrapped copy


@dataclass(frozen=True, slots=True)
class Line:
    """One act to be written down. `person` is empty for whoever works at the hub itself."""

    act: Act
    subject: str = ""
    submission: str = ""
    person: str = ""
    device: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line as it stands in the log. `submission` is its key where the hub knows it."""

    seq: int
    at: datetime
    act: str
    person: str
    device: str
    submission: str
    subject: str
    detail: str
    digest: str


@dataclass(frozen=True, slots=True)
class Head:
    """Number and digest of a log's last line: whoever keeps them notices if the log is rewritten."""

    seq: int
    digest: str

    @classmethod
    def parse(cls, text: str) -> Head:
        """From `NUMBER:DIGEST`. Raises Refused for anything else."""
        seq, _, digest = text.partition(":")
        if not (
            seq.isdecimal() and len(seq) < 19 and len(digest) == 64 and set(digest) <= set("0123456789abcdef")
        ):
            raise Refused(f"“{text}” is no head of an audit log. Copy it whole, as NUMBER:DIGEST")
        return cls(int(seq), digest)

    def __str__(self) -> str:
        return f"{self.seq}:{self.digest}"


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look at the whole chain found; `faults` are sentences, in order, empty where all is well."""

    lines: int
    head: Head
    faults: tuple[str, ...]


def append(work: sa.Connection, now: datetime, *lines: Line) -> None:
    """Write lines down, in the transaction of what they tell of. Writers wait for each other, so no number is twice."""
    if not lines:
        return
    before = head_of(work)
    seq, previous, rows = before.seq, before.digest, []
    for line in lines:
        seq += 1
        row = {
            "seq": seq, "at": now, "act": line.act.value, "person": line.person, "device": line.device,
            "submission": line.submission, "subject": line.subject, "detail": line.detail, "previous": previous,
        }  # fmt: skip
        previous = _digest(row)
        rows.append({**row, "digest": previous})
    work.execute(sa.insert(t.audit), rows)
    work.execute(sa.update(t.audit_head).values(seq=seq, digest=previous))


def note(hub: Hub, *lines: Line) -> None:
    """Write down what changed nothing in the database: a transaction of its own, before anything is handed out."""
    with hub.database.writing() as work:
        append(work, hub.clock(), *lines)


def head_of(view: sa.Connection) -> Head:
    """Where the log ends."""
    row = view.execute(sa.select(t.audit_head.c.seq, t.audit_head.c.digest)).one()
    return Head(row.seq, row.digest)


def note_fetch(hub: Hub, person: str, device: str, digest: str) -> None:
    """Write down that a sealed file is handed out, unless the same computer fetched it within the hour."""
    now, own = hub.clock(), t.audit.c
    again = sa.select(own.seq).where(
        own.subject == digest, own.device == device, own.act == Act.FETCHED.value, own.at > now - SAME_FETCH
    )
    with hub.database.looking() as view:
        if view.execute(again.limit(1)).first() is not None:
            return
        submission, what = _whose(view, digest)
    note(hub, Line(Act.FETCHED, digest, submission, person, device, what))


def note_keys(hub: Hub, person: str, device: str, page: ChangesAnswer) -> None:
    """Write down whose files' keys a page of changes carries, a line for each submission."""
    given = Counter([one.submission_id for one in (*page.blobs, *page.renditions)])
    given.update(one.submission_id for one in page.packets)
    lines = (
        Line(Act.TOLD_KEYS, submission=one, person=person, device=device, detail=str(count))
        for one, count in given.items()
    )
    if given:
        note(hub, *lines)


def _whose(view: sa.Connection, digest: str) -> tuple[str, str]:
    """The submission that a sealed file belongs to, and what of it the file is."""
    a, r, p = t.artifacts.c, t.renditions.c, t.packets.c
    queries = (
        sa.select(a.submission_id, a.id).where(a.blob == digest),
        sa.select(r.submission_id, "rendition of " + r.artifact_id).where(r.blob == digest),
        sa.select(t.assignments.c.submission_id, p.kind)
        .join(t.packets, p.assignment_id == t.assignments.c.id)
        .where(p.file == digest),
    )
    for query in queries:
        if (row := view.execute(query.limit(1)).first()) is not None:
            return str(row[0]), str(row[1])
    return "", ""


def entries(
    hub: Hub, *, since: datetime | None = None, person: str = "", submission: str = ""
) -> Iterator[Entry]:
    """The log's lines, oldest first. `submission` is a key; raises Refused for an unknown one."""
    own = t.audit.c
    query = sa.select(t.audit, t.submissions.c.key).outerjoin(
        t.submissions, t.submissions.c.id == own.submission
    )
    if since is not None:
        query = query.where(own.at >= since)
    if person:
        query = query.where(own.person == person)
    with hub.database.reading() as view:
        if submission:
            from assessor_desk.hub.by_key import refuse_unknown

            query = query.where(own.submission == refuse_unknown(view, submission))
        for row in view.execute(query.order_by(own.seq)).yield_per(_BATCH):
            yield Entry(
                row.seq, row.at, row.act, row.person, row.device, row.key or row.submission, row.subject,
                row.detail, row.digest,
            )  # fmt: skip


def verify(hub: Hub, known: Iterable[Head] = ()) -> Verified:
    """Look at the whole chain. `known` are heads that somebody kept: the log has to have gone through each."""
    kept = {head.seq: head.digest for head in known}
    with hub.database.reading() as view:
        rows = view.execute(sa.select(t.audit).order_by(t.audit.c.seq)).yield_per(_BATCH)
        walk = _Walk()
        faults = [*walk.over(rows, kept), *walk.end(_stated_head(view), kept)]
    return Verified(walk.lines, Head(walk.seq, walk.digest), tuple(faults))


def _stated_head(view: sa.Connection) -> Head | None:
    row = view.execute(sa.select(t.audit_head.c.seq, t.audit_head.c.digest)).first()
    return None if row is None else Head(row.seq, row.digest)


class _Walk:
    """The chain from its first line on; after a fault it goes on, so that each is named."""

    def __init__(self) -> None:
        self.seq, self.digest, self.lines = 0, FIRST, 0

    def over(self, rows: Iterable[Any], kept: Mapping[int, str]) -> Iterator[str]:
        """Sentences on what does not hold."""
        for row in rows:
            yield from self._between(row)
            if _digest(row._mapping) != row.digest:
                yield f"Line {row.seq} was changed or moved: it says “{row.act}” at {row.at:%Y-%m-%d %H:%M:%S}"
            if kept.get(row.seq, row.digest) != row.digest:
                yield f"Line {row.seq} is another than the one that was told of: the log was written anew up to there"
            self.seq, self.digest, self.lines = row.seq, row.digest, self.lines + 1

    def _between(self, row: Any) -> Iterator[str]:
        missing = row.seq - self.seq - 1
        if missing > 0:
            yield f"{_lines(self.seq + 1, row.seq - 1)} missing"
        elif row.previous != self.digest:
            yield f"Line {row.seq - 1} is not the one that line {row.seq} followed: it was changed or exchanged"

    def end(self, head: Head | None, kept: Mapping[int, str]) -> Iterator[str]:
        """What the lines that there are do not show: that later ones are gone."""
        last = max([*kept, head.seq if head else 0])
        if last > self.seq:
            yield f"{_lines(self.seq + 1, last)} missing from the end"
        elif head is None or (head.seq, head.digest) != (self.seq, self.digest):
            yield f"The log ends with line {self.seq}, which is not what was written down of its end"


def _lines(first: int, last: int) -> str:
    return f"Line {first} is" if first == last else f"Lines {first} to {last} are"


def _digest(row: Mapping[Any, Any]) -> str:
    """SHA-256 over the fields as a JSON array, in this order; the time as ISO 8601 with microseconds."""
    at = row["at"].astimezone(UTC).isoformat(timespec="microseconds")
    fields = [row["seq"], at] + [
        row[name] for name in ("act", "person", "device", "submission", "subject", "detail", "previous")
    ]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
