"""Who still holds evidence of which submission, since when, and whose receipt of destruction is here.

That a computer holds evidence is read from the audit log, which says to whom keys were given; a receipt of destruction
that came after ends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from assessor_desk.domain.custody import BEHIND
from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act
from assessor_desk.hub.by_key import refuse_unknown
from assessor_desk.hub.destroying import records
from assessor_desk.hub.hub import Hub


@dataclass(frozen=True, slots=True)
class Holder:
    """A computer that was given keys of a submission's evidence: since when it holds that, or why it does no more.

    `destroyed_at` is None while it holds it; `why` is the receipt's reason, `receipt` its digest, `exports` copies that
    were taken out on purpose, `files` how many were destroyed: none where it says that nothing of it is there. Of
    several receipts it is the last that destroyed anything. `revoked`: the enrolment ended, so that the desk is to
    destroy it, or did.
    """

    key: str
    submission_id: str
    person: str
    device: str
    title: str
    since: datetime
    revoked: bool = False
    destroyed_at: datetime | None = None
    why: str = ""
    receipt: str = ""
    exports: int = 0
    files: int = 0


def holders(hub: Hub, keys: Iterable[str] = (), *, destroyed: bool = False) -> list[Holder]:
    """Who holds what, by submission; with `destroyed` also who destroyed it, of these submissions or of all.

    Raises Refused for an unknown submission.
    """
    with hub.database.reading() as view:
        wanted = {refuse_unknown(view, key) for key in keys}
        given = _given(view, wanted)
        receipts = _receipts(view, wanted)
        titles = {row.id: row for row in view.execute(sa.select(t.devices))}
    found = [_holder(row, receipts.get((row.submission, row.device), ()), titles) for row in given]
    return [one for one in found if destroyed or one.destroyed_at is None]


def still_with(view: sa.Connection, device: str, submissions: set[str]) -> set[str]:
    """Those of these that a computer was given keys of, and has not said since that it destroyed."""
    if not submissions:
        return set()
    receipts = _receipts(view, submissions)
    given = (row for row in _given(view, submissions) if row.device == device)
    found = [_holder(row, receipts.get((row.submission, row.device), ()), {}) for row in given]
    return {one.submission_id for one in found if one.destroyed_at is None}


def write_receipts(hub: Hub, keys: Iterable[str], folder: Path) -> list[Path]:
    """Write into a folder the receipts of destruction, as they came, and the hub's own signed records of what it
    destroyed. Raises Refused for an unknown submission.
    """
    with hub.database.reading() as view:
        wanted = {refuse_unknown(view, key) for key in keys}
        query = sa.select(t.destructions).order_by(t.destructions.c.received_at)
        if wanted:
            query = query.where(t.destructions.c.submission_id.in_(wanted))
        rows = view.execute(query).all()
    theirs = [(f"destruction-{row.digest[:16]}.json", row.document) for row in rows]
    own = [(f"destroyed-at-hub-{one[:16]}.p7m", record) for one, record in records(hub, wanted)]
    return write_documents(folder, [*theirs, *own])


def write_documents(folder: Path, documents: Iterable[tuple[str, bytes]]) -> list[Path]:
    """One file for each, by its name. Raises Unavailable where the folder cannot be written."""
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in documents:
            path = folder / name
            path.write_bytes(content)
            written.append(path)
    except OSError as error:
        raise Unavailable(f"The receipts cannot be written to {folder} ({error.strerror})") from error
    return written


def read_document(path: Path) -> bytes:
    """A receipt that came as a file. Raises Refused where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(f"{path} cannot be read ({error.strerror})") from error


def _given(view: sa.Connection, wanted: set[str]) -> list[Any]:
    """To which computers keys were given, of which submission; when first and last, and the last line that says so."""
    own, s = t.audit.c, t.submissions.c
    query = (
        sa.select(
            own.submission, own.device, own.person, s.key, sa.func.max(own.at, type_=t.Instant).label("last"),
            sa.func.min(own.at, type_=t.Instant).label("first"), sa.func.max(own.seq).label("seq"),
        )
        .join(t.submissions, s.id == own.submission)
        .where(own.act == Act.TOLD_KEYS.value)
        .group_by(own.submission, own.device, own.person, s.key)
        .order_by(s.key, own.person, own.device)
    )  # fmt: skip
    return list(view.execute(query.where(own.submission.in_(wanted)) if wanted else query).all())


def _receipts(view: sa.Connection, wanted: set[str]) -> dict[tuple[str, str], list[Any]]:
    """By submission and computer, each with the line of the audit log that says that it came.

    None for a receipt from a back-up that was put back: the log goes on as it was.
    """
    own, a = t.destructions.c, t.audit.c
    came = (
        a.submission == own.submission_id, a.subject == own.digest, a.act == Act.TOLD_DESTROYED.value
    )  # fmt: skip
    query = sa.select(t.destructions, a.seq).outerjoin(t.audit, sa.and_(*came))
    found: dict[tuple[str, str], list[Any]] = {}
    for row in view.execute(query.where(own.submission_id.in_(wanted)) if wanted else query):
        found.setdefault((row.submission_id, row.device), []).append(row)
    return found


def _destroyed_at(receipt: Any) -> datetime:
    """When that was, by a computer's clock; whatever that says, before its receipt came."""
    at: datetime = min(receipt.destroyed_at, receipt.received_at)
    return at


def _is_of(receipt: Any, given: Any) -> bool:
    """Whether a receipt is of the keys that were given last.

    It came after them, by the log's own order; and what it tells of was after them, by a computer's clock that may be
    behind: one of before may have been owed for weeks.
    """
    after = receipt.received_at >= given.last if receipt.seq is None else receipt.seq > given.seq
    return bool(after and receipt.destroyed_at + BEHIND >= given.last)


def _holder(given: Any, receipts: Sequence[Any], titles: dict[str, Any]) -> Holder:
    device = titles.get(given.device)
    about = (given.key, given.submission, given.person, given.device, device.title if device else "")
    revoked = device is not None and device.revoked_at is not None
    if not any(_is_of(one, given) for one in receipts):
        return Holder(*about, given.last if receipts else given.first, revoked)
    last = max([one for one in receipts if one.files] or receipts, key=_destroyed_at)
    exports = max(one.exports for one in receipts)  # each counts all that were taken out until then
    files = sum(one.files for one in receipts)
    return Holder(*about, given.first, revoked, last.destroyed_at, last.why, last.digest, exports, files)
