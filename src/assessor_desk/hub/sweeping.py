"""Removing what nothing refers to any more: files without a row, rows without an artifact, deliveries that broke off.

A file is written before the row that names it, and a row goes before its file, so that whatever is interrupted leaves
at most a file without a row. Such a file is removed once it has lain for a day: what is on its way has its row long
before. Imports, which may take longer, wait while files are looked through, and so do back-ups and restoring.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from assessor_desk.domain.errors import DeskError, Refused
from assessor_desk.hub import tables as t
from assessor_desk.hub import uploads
from assessor_desk.hub.auditing import Act, Line, append
from assessor_desk.hub.blobs import Blobs, Stored
from assessor_desk.hub.destroying import heard, held
from assessor_desk.hub.entries_kept import let_go_of_batches
from assessor_desk.hub.held_files import kept_beside
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.parts import AT_ONCE, in_parts

#: The turn that whoever removes files, or relies on none being removed, takes; inside that of imports, never around it.
KEEPING = "keeping"
IMPORT = "import"
#: How long a file may lie without a row.
SPARED = timedelta(days=1)
_SWEPT_AT, _WAITING_SINCE = "swept_at", "sweep_waited_for_since"


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep removed, or would: `bytes` are of `files`; `uploads` are deliveries that nobody went on with.

    `batches` are what computers of one person told each other, which had its time (`entries_kept`).
    """

    files: int
    bytes: int
    rows: int
    uploads: int
    batches: int = 0


def sweep(hub: Hub, spared: timedelta = SPARED, *, pretend: bool = False) -> Swept:
    """Remove what nothing refers to and has lain so long; with `pretend` only say what that is.

    Raises Refused for less than an hour, within which a delivery may still be looked at.
    """
    if spared < timedelta(hours=1):
        raise Refused("What came within the last hour may still be on its way. Name a longer time")
    before = hub.clock() - spared
    with hub.database.turn(IMPORT), hub.database.turn(KEEPING):
        rows = _unused_rows(hub, pretend)
        places = (hub.blobs, hub.packets)
        found = [one for place in places for one in _without_row(hub, place, before, pretend)]
    left = 0 if pretend else _leftovers(hub, before)
    batches = 0 if pretend else let_go_of_batches(hub)
    swept = Swept(len(found), sum(one.length for one in found), rows, left, batches)
    if not pretend:
        _write_down(hub, swept)
    return swept


def swept_at(hub: Hub) -> datetime | None:
    """When this hub was last swept, by whichever process; None for never."""
    with hub.database.reading() as view:
        return _told_at(view, _SWEPT_AT)


def waiting_since(hub: Hub, began: datetime) -> datetime:
    """Since when this hub waits for a sweep: the last one, or where it had none, since a process `began` to look.

    What the first of them says is kept: one that is started anew every day would never come to its first sweep.
    """
    with hub.database.reading() as view:
        since = _told_at(view, _SWEPT_AT) or _told_at(view, _WAITING_SINCE)
    if since is None:
        with hub.database.writing() as work:
            since = _told_at(work, _WAITING_SINCE)
            if since is None:
                work.execute(sa.insert(t.facts).values(name=_WAITING_SINCE, value=began.isoformat()))
    return since or began


def _told_at(view: sa.Connection, name: str) -> datetime | None:
    told = view.execute(sa.select(t.facts.c.value).where(t.facts.c.name == name)).scalar()
    return datetime.fromisoformat(told) if told else None


def count_as_swept(work: sa.Connection, now: datetime) -> None:
    """Within a transaction: the hub next looks what is to go about a day from now."""
    work.execute(sa.delete(t.facts).where(t.facts.c.name == _SWEPT_AT))
    work.execute(sa.insert(t.facts).values(name=_SWEPT_AT, value=now.isoformat()))


def referred_to(view: sa.Connection, digests: Iterable[str]) -> set[str]:
    """Which of these files some row names."""
    wanted = list(digests)
    columns = (t.blobs.c.digest, t.packets.c.file, t.releases.c.file, t.awards.c.file)
    return {one for own in columns for one in view.execute(sa.select(own).where(own.in_(wanted))).scalars()}


def remove_unnamed(hub: Hub, place: Blobs, digests: Sequence[str]) -> None:
    """Remove the files of a transaction that failed, but for those that a row names after all.

    Of a commit the answer alone may have been lost. It is asked in a writer's turn, which comes once that transaction
    has ended. What cannot be asked or removed now stays for the sweep.
    """
    with contextlib.suppress(DeskError, sa.exc.SQLAlchemyError, OSError):
        for some in in_parts(digests):
            with hub.database.writing() as work:
                named = referred_to(work, some)
            for one in some:
                if one not in named:
                    place.remove(one)


def _unused_rows(hub: Hub, pretend: bool) -> int:
    """Keys of files that no artifact and no rendition has any more: those that another file took the place of, once
    nothing keeps them either.
    """
    now = hub.clock()
    with hub.database.reading() as view:
        free = _held_no_more(view, _holding(view), now)
        if pretend:
            count = sa.select(sa.func.count()).select_from(t.blobs).where(_unused())
            return int(view.execute(count).scalar_one()) + _let_go_by(view, free)
    for some in in_parts(free):
        with hub.database.writing() as work:
            still = _held_no_more(work, some, now)  # somebody may have placed a hold meanwhile
            work.execute(sa.delete(t.artifacts).where(_kept(), t.artifacts.c.submission_id.in_(still)))
    with hub.database.writing() as work:
        return work.execute(sa.delete(t.blobs).where(_unused())).rowcount


def _unused() -> sa.ColumnElement[bool]:
    """Keys that no artifact and no rendition names."""
    a, r = t.artifacts.c, t.renditions.c
    used = sa.union(
        sa.select(a.blob).where(a.blob.is_not(None)), sa.select(r.blob).where(r.blob.is_not(None))
    )
    return t.blobs.c.digest.not_in(used)


def _kept() -> sa.ColumnElement[bool]:
    """Rows of files that others took the place of. Those of destroyed evidence stay, to say what it was; those without
    consent are destroyed with the rest, and stand in the record.
    """
    a, s = t.artifacts.c, t.submissions.c
    consented = sa.select(s.id).where(s.consent_withdrawn_at.is_(None))
    return sa.and_(kept_beside(), a.blob.is_not(None), a.submission_id.in_(consented))


def _holding(view: sa.Connection) -> Sequence[str]:
    """The submissions that have such rows."""
    own = t.artifacts.c.submission_id
    return view.execute(sa.select(own).where(_kept()).distinct().order_by(own)).scalars().all()


def _held_no_more(view: sa.Connection, submissions: Sequence[str], now: datetime) -> list[str]:
    """Those whose rows a hold alone kept, and it is over, with nobody heard on them."""
    return [one for one in submissions if not held(view, one, now) and not heard(view, one)]


def _let_go_by(view: sa.Connection, free: Sequence[str]) -> int:
    """How many keys nothing would name any more once these submissions' rows of kept files went."""
    a, r = t.artifacts.c, t.renditions.c
    going: dict[tuple[str, str], str] = {}
    for some in in_parts(free):
        query = sa.select(a.submission_id, a.id, a.blob).where(_kept(), a.submission_id.in_(some))
        going |= {(row.submission_id, row.id): row.blob for row in view.execute(query)}
    named: set[str] = set()
    for some in in_parts(sorted(set(going.values()))):
        rows = view.execute(sa.select(a.submission_id, a.id, a.blob).where(a.blob.in_(some)))
        named |= {row.blob for row in rows if (row.submission_id, row.id) not in going}
        named |= set(view.execute(sa.select(r.blob).where(r.blob.in_(some))).scalars())
    return len(set(going.values()) - named)


def _without_row(hub: Hub, place: Blobs, before: datetime, pretend: bool) -> Iterator[Stored]:
    old = (one for one in place.stored() if one.since < before)
    while batch := list(itertools.islice(old, AT_ONCE)):
        with hub.database.reading() as view:
            named = referred_to(view, (one.digest for one in batch))
        for one in batch:
            if one.digest not in named:
                if not pretend:
                    place.remove(one.digest)
                yield one


def _leftovers(hub: Hub, before: datetime) -> int:
    """What interrupted writing left behind. Returns how many deliveries that broke off were given up."""
    for place in (hub.blobs, hub.packets):
        place.clear_unfinished(before)
    for folder in (hub.folder, hub.authority.folder):
        for leftover in folder.glob("*.unfinished"):
            if leftover.stat().st_mtime < before.timestamp():
                leftover.unlink(missing_ok=True)
    return uploads.sweep(hub, hub.clock())


def _write_down(hub: Hub, swept: Swept) -> None:
    now = hub.clock()
    with hub.database.writing() as work:
        count_as_swept(work, now)
        if swept != Swept(0, 0, 0, 0):
            told = f"{swept.files} files, {swept.bytes} bytes, {swept.rows} keys, {swept.uploads} uploads"
            told += f", {swept.batches} batches" if swept.batches else ""
            append(work, now, Line(Act.SWEPT, detail=told))
