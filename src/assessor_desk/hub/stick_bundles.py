"""Putting on a stick what is for one desk: sealed files first, then the bundle that names them, then away with the old.

So whoever pulls the stick out too soon finds the bundle from before, whole, with its files. A bundle tells everything
from the beginning, as the network would tell a desk that is new: no trip depends on another having arrived. Files that
the desk said to have are left out.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from assessor_desk.domain.changes import Enrolment
from assessor_desk.domain.errors import NoRoom
from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import note_fetch, note_keys
from assessor_desk.hub.blobs import Blobs
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.feed import blobs_with, changes_since, counts_for
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import Caller
from assessor_desk.hub.stick_desks import StickDesk, hub_key, remember
from assessor_desk.keys.cms import sign_with_content
from assessor_desk.keys.letters import seal_letter
from assessor_desk.protocol import stick as layout
from assessor_desk.protocol.messages import ChangesAnswer, EnrolAnswer, ReceiptAnswer, RenewAnswer
from assessor_desk.protocol.stick import Stick
from assessor_desk.protocol.stick_files import clear_unfinished, remove, telling_of, write_whole
from assessor_desk.protocol.stick_messages import Bundle, PlacedFile, sealed_files

_PIECE = 1 << 20
#: Room that is left alone: a file system needs some of its own, and the desk's letter needs some.
_MARGIN = 4 << 20


@dataclass(frozen=True)
class Answers:
    """What a desk is to be told besides what is new."""

    enrolment: Enrolment | None = None
    ended: str = ""
    letter_refused: str = ""
    anew: bool = False
    refused: dict[str, str] = field(default_factory=dict)
    renewed: dict[str, RenewAnswer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Put:
    """What a bundle brings: assignments that stand, sealed files and their bytes, and how many files found no room."""

    assignments: int = 0
    files: int = 0
    bytes: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class _File:
    digest: str
    length: int
    blobs: Blobs


def put_bundle(hub: Hub, stick: Stick, desk: StickDesk, caller: Caller, answers: Answers) -> Put:
    """Put the next bundle for a desk on the stick and remove those before. The number used is remembered first.

    Raises NoRoom where not even the bundle fits, Unavailable where the stick is gone; what was there before stays then.
    """
    sequence = desk.sequence + 1
    remember(hub, replace(desk, sequence=sequence))
    clear_unfinished_of(stick, desk.desk)
    pages = [] if answers.ended else _pages(hub, caller)
    wanted = list(_wanted(hub, caller, pages, set(desk.held)))
    head = _bundle(hub, desk, caller, answers, pages, sequence)
    room = _room(stick, len(head.model_dump_json()))
    files = _fitting(wanted, room)
    volumes = _write_volumes(hub, stick, desk.desk, sequence, files)
    placed = head.model_copy(update={"volumes": tuple(volumes), "files": tuple(_placed(files))})
    _write_bundle(hub, stick, desk, placed)
    for file in files:
        note_fetch(hub, caller.person, caller.device, file.digest)
    _remove_before(stick, desk.desk, sequence)
    standing = head.counts.assignments if head.counts else 0
    return Put(standing, len(files), sum(file.length for file in files), len(wanted) - len(files))


def clear_unfinished_of(stick: Stick, desk: str) -> None:
    """Remove what an interrupted trip left half-written for or from a desk."""
    for folder in (stick.for_desk(desk), stick.from_desk(desk)):
        clear_unfinished(folder)


def _pages(hub: Hub, caller: Caller) -> list[ChangesAnswer]:
    pages: list[ChangesAnswer] = []
    while not pages or pages[-1].more:
        page = changes_since(hub, caller, pages[-1].cursor if pages else "")
        note_keys(hub, caller.person, caller.device, page)
        pages.append(page)
    return pages


def _wanted(hub: Hub, caller: Caller, pages: Sequence[ChangesAnswer], held: set[str]) -> Iterator[_File]:
    """Files that the pages name and the desk lacks, each once."""
    seen = set(held)
    for page in pages:
        for digest in sealed_files(page):
            if digest in seen:
                continue
            seen.add(digest)
            try:
                blobs, length = blobs_with(hub, caller, digest)
            except Declined:  # withdrawn or held back since that page
                continue
            yield _File(digest, length, blobs)


def _bundle(
    hub: Hub, desk: StickDesk, caller: Caller, answers: Answers, pages: Sequence[ChangesAnswer], sequence: int
) -> Bundle:
    enrolment = answers.enrolment
    told = {name: getattr(enrolment, name) for name in EnrolAnswer.model_fields} if enrolment else None
    return Bundle(
        kind="assessor-desk bundle",
        version=1,
        desk=desk.desk,
        sequence=sequence,
        made_at=hub.clock(),
        hub=hub.identity,
        title=hub.title,
        recipient=hub_key(hub).recipient,
        letter=desk.letter,
        letter_refused=answers.letter_refused,
        enrolment=None if told is None else EnrolAnswer.model_validate(told),
        ended=answers.ended,
        pages=tuple(pages),
        counts=counts_for(hub, caller) if pages else None,
        anew=answers.anew,
        receipts=tuple(_receipts(hub, caller)),
        released=tuple(_released(hub, caller)),
        refused=answers.refused,
        renewed=answers.renewed,
    )


def _receipts(hub: Hub, caller: Caller) -> Iterator[ReceiptAnswer]:
    """For everything that came from this person: a bundle with one of them may never have arrived."""
    packets, gone = t.packets.c, t.destructions.c
    queries = (
        sa.select(t.packets).where(packets.person == caller.person).order_by(packets.received_at),
        sa.select(t.destructions).where(gone.person == caller.person).order_by(gone.received_at),
    )
    with hub.database.reading() as view:
        rows = [row for query in queries for row in view.execute(query)]
    for row in rows:
        yield ReceiptAnswer(
            packet_digest=row.digest,
            received_at=row.received_at,
            certificate_status=row.certificate_status,
            signed=row.receipt,
        )


def _released(hub: Hub, caller: Caller) -> list[str]:
    own = t.releases.c
    with hub.database.reading() as view:
        return list(view.execute(sa.select(own.decision).where(own.person == caller.person)).scalars())


def _room(stick: Stick, bundle: int) -> int:
    """Bytes for sealed files beside a bundle of about that length."""
    with telling_of(stick.root, "read"):
        free = shutil.disk_usage(stick.root).free
    # Base64 of what is signed, and the encryption's own few bytes.
    room = free - bundle - bundle // 10 - _MARGIN
    if room < 0:
        raise NoRoom(
            f"The stick is full: {stick.root} has no room for a bundle. Make room on it, or use a larger one"
        )
    return room


def _fitting(wanted: Sequence[_File], room: int) -> list[_File]:
    """As many as fit, in their order; a large one that does not leaves its room to smaller ones."""
    chosen = []
    for file in wanted:
        if file.length <= room:
            room -= file.length
            chosen.append(file)
    return chosen


def _placed(files: Sequence[_File]) -> Iterator[PlacedFile]:
    at = 0
    for file in files:
        yield PlacedFile(digest=file.digest, at=at, length=file.length)
        at += file.length


def _write_volumes(hub: Hub, stick: Stick, desk: str, sequence: int, files: Sequence[_File]) -> list[int]:
    """The lengths of the volumes written."""
    total, lengths = sum(file.length for file in files), list[int]()
    stream = _Stream(_pieces(files))
    while sum(lengths) < total:
        path = stick.volume(desk, sequence, len(lengths) + 1)
        lengths.append(write_whole(path, stream.take(min(layout.VOLUME, total - sum(lengths)))))
    return lengths


def _pieces(files: Sequence[_File]) -> Iterator[bytes]:
    for file in files:
        with file.blobs.at_hand(file.digest) as path, path.open("rb") as sealed:
            yield from iter(lambda: sealed.read(_PIECE), b"")


class _Stream:
    """Pieces one after the other, cut where a volume is full."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def take(self, length: int) -> Iterator[bytes]:
        """The next `length` bytes."""
        while length > 0:
            piece = self._rest or next(self._pieces)
            taken, self._rest = piece[:length], piece[length:]
            length -= len(taken)
            yield taken


def _write_bundle(hub: Hub, stick: Stick, desk: StickDesk, bundle: Bundle) -> None:
    signer = hub.authority.hub_signer()
    content = bundle.model_dump_json().encode()
    signed = sign_with_content(content, signer.key, signer.certificate, hub.clock())
    write_whole(stick.bundle(desk.desk, bundle.sequence), [seal_letter(signed, desk.recipient)])


def _remove_before(stick: Stick, desk: str, sequence: int) -> None:
    """The bundle first: without it nobody looks for its files."""
    for number, path in [*stick.bundles(desk), *stick.volumes(desk)]:
        if number < sequence:
            remove(path)
