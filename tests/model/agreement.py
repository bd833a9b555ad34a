"""What must hold once all is quiet: between what people did, what is on their desks, and what the hub has."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from typing import Any

import sqlalchemy as sa
from tests.model.people import Person
from tests.model.town import NAME, RITA, Office

from assessor_desk.artifacts.sealed_stream import open_sealed
from assessor_desk.domain.review import EntryKind, fold
from assessor_desk.domain.roles import Role
from assessor_desk.hub import tables as t
from assessor_desk.hub.custody import holders
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.feed import blobs_with, counts_for
from assessor_desk.hub.people import Caller, serial_of
from assessor_desk.packets.receiving import with_receipt
from assessor_desk.store import tables as desk_tables
from assessor_desk.verdict.packet import verify_bytes
from assessor_desk.verdict.trust import TrustList

#: For which reasons a hub may refuse for good what was sealed in good faith, in its words.
FAIR = (
    "The assignment was withdrawn",
    "is on hold",
    "rests on",
    "was corrected since",
    "a correction must supersede it",
    "which is not here yet",
    "none of yours",
    "claims a time to come",
    "was revoked on",
)
_TABLES = (
    "entries",
    "drafts",
    "reviews",
    "submissions",
    "assignments",
    "artifacts",
    "delivered",
    "inbox",
    "outbox",
)
#: That a delivery was tried once more is no change.
_OF_NO_ACCOUNT = {"attempts", "last_trouble"}


def troubles(office: Office, people: list[Person]) -> list[str]:
    """All that is not as it must be."""
    found = [f"{person.name}: {words}" for person in people for words in of_a_desk(office, person)]
    pairs = [two for two in combinations(people, 2) if two[0].number == two[1].number]
    found += [words for one, other in pairs for words in of_two_computers(one, other)]
    return found + list(at_the_hub(office, people))


def of_a_desk(office: Office, person: Person) -> Iterator[str]:
    """What is wrong on one desk, and between it and the hub."""
    yield from (f"lost {words}" for words in person.lost())
    yield from _not_sent(office, person)
    yield from _differences(office, person)
    yield from _seen_unduly(office, person)
    yield from _not_destroyed(office, person)


def of_two_computers(one: Person, other: Person) -> Iterator[str]:
    """Where two desks of one person differ: in what was written, or in the reviews that they make of it."""
    for desk, elsewhere in ((one, other), (other, one)):
        yield from (f"{desk.name} lost {words}" for words in desk.lost(elsewhere.entries))
    here, there = written_on(one), written_on(other)
    for review in here.keys() | there.keys():
        if here.get(review) != there.get(review):
            yield f"{one.name} has {review[:8]} as {here.get(review)}, {other.name} as {there.get(review)}"


def written_on(person: Person) -> dict[str, Any]:
    """Every review on a desk, as what was written in it makes it."""
    with person.desk.store.reading() as view:
        lines = [line for own_id, _, _ in view.names() for line in view.reviews(own_id)]
        return {line.id: fold(line.id, view.entries(line.id)) for line in lines if view.entries(line.id)}


def _not_destroyed(office: Office, person: Person) -> Iterator[str]:
    """Receipts of destruction that are owed still, and evidence that the hub believes where it may not be."""
    with person.desk.store.reading() as view:
        owed = [one for one in view.custody.destructions() if one.delivered_at is None]
    if person.misled:
        return  # a receipt that tells of a time to come is taken once that has come
    with office.hub.database.reading() as view:
        rows = view.execute(sa.select(t.assignments).where(t.assignments.c.person == person.number)).all()
        own = t.certificates.c
        serial = serial_of((person.folder / "identity" / "certificate.pem").read_bytes())
        device = view.execute(sa.select(own.device).where(own.serial == serial)).scalar()
    yield from (
        f"owes a receipt: {one.made.submission_id[:8]} {one.made.why} {one.made.trouble}" for one in owed
    )
    if office.put_back:
        return  # a receipt goes after its round, and none of it tells that the hub was put back to before that
    open_to = {row.submission_id for row in rows if row.withdrawn_at is None}
    closed = {row.submission_id for row in rows if row.withdrawn_for} - open_to
    for one in holders(office.hub):
        if one.device == device and one.submission_id in closed:
            yield f"the hub believes that this computer holds {one.key}, from which they are kept"


def snapshot_of(person: Person) -> dict[str, list[str]]:
    """All rows that tell of work, to see whether a round changed any."""
    with person.desk.store.reading() as view:
        return {name: sorted(map(str, view._connection.exec_driver_sql(_all_of(name)))) for name in _TABLES}


@cache
def _all_of(name: str) -> str:
    columns = [one.name for one in getattr(desk_tables, name).columns if one.name not in _OF_NO_ACCOUNT]
    return f"SELECT {', '.join(columns)} FROM {name}"


def _not_sent(office: Office, person: Person) -> Iterator[str]:
    with office.hub.database.reading() as view:
        here = set(view.execute(sa.select(t.packets.c.digest)).scalars())
    waiting = {line.digest for line in person.waiting()}
    withdrawn = [one for one in person.written() if one.kind is EntryKind.SEAL_WITHDRAWN]
    taken_back = {one.data["packet_digest"] for one in withdrawn}
    for digest, one in person.sealed.items():
        words = person.refused.get(digest, "")
        if digest in here:
            if digest in waiting:
                yield f"{one.kind} {digest[:8]} is on the hub and waits here all the same: {words}"
        elif digest in taken_back:
            continue  # the hub took what their other computer sealed
        elif not any(reason in words for reason in FAIR) and not _is_set_aside(person, one.submission_id):
            yield f"{one.kind} {digest[:8]} is not on the hub: {words or 'nobody said why'}"


def _is_set_aside(person: Person, own_id: str) -> bool:
    """Whether the hub asks for it no more: what was sealed waits, and goes when the work is given back."""
    with person.desk.store.reading() as view:
        return any(aside for _, aside in view.assignments(own_id))


def _differences(office: Office, person: Person) -> Iterator[str]:
    own = t.assignments.c
    with office.hub.database.reading() as view:
        rows = view.execute(
            sa.select(own.id, own.due_at).where(own.person == person.number, own.withdrawn_at.is_(None))
        )
        asked = {row.id: row.due_at for row in rows}
        known = set(view.execute(sa.select(own.id)).scalars())
    with person.desk.store.reading() as view:
        both = [one for own_id, _, _ in view.names() for one in view.assignments(own_id)]
        standing = {one.id: one.due_at for one, aside in both if not aside}
        wanted = view.artifacts_wanted(office.hub.identity)
    # An assignment made since the back-up that a hub was put back to stays, is told of, and comes back there with the
    # packet that answers it.
    made_since = {one for one in standing if one not in known} if office.put_back else set()
    if {one: due for one, due in standing.items() if one not in made_since} != asked:
        yield f"has the assignments {standing}, the hub asks for {asked}"
    if wanted:
        yield f"still wants {[one.artifact_id for one in wanted]}"
    if person.stick is None and not made_since:
        there, here = (
            counts_for(office.hub, _caller(person)).counts(),
            person.desk.store.counts(office.hub.identity),
        )
        if there != here:
            yield f"counts {here}, the hub {there}"


def _caller(person: Person) -> Caller:
    return Caller(person.number, "", (Role.REVIEWER if person.name == RITA else Role.ASSESSOR,))


def _seen_unduly(office: Office, person: Person) -> Iterator[str]:
    """Files, keys and names that are not for this person."""
    own, packets = t.assignments.c, t.packets.c
    with office.hub.database.reading() as view:
        theirs = view.execute(sa.select(t.assignments).where(own.person == person.number)).all()
        open_to = {row.submission_id for row in theirs if row.withdrawn_at is None}
        closed = {row.submission_id for row in theirs if row.withdrawn_for} - open_to
        files = [row for row in view.execute(sa.select(t.artifacts)) if row.blob]
        decides = {
            row.submission_id for row in theirs if row.withdrawn_at is None and row.purpose == "decide"
        }
        query = sa.select(packets.file, own.submission_id).join(
            t.assignments, own.id == packets.assignment_id
        )
        sealed = {tuple(row) for row in view.execute(query.where(packets.kind == "packet"))}
    # What another file took the place of is kept by a hold, for nobody to be sent.
    may = {row.blob for row in files if row.submission_id in open_to and not row.removed}
    may |= {file for file, of in sealed if of in decides}
    with person.desk.store.reading() as view:
        for own_id in closed:
            for line in view.artifacts(own_id):
                if view.artifact_key(line) is not None or person.desk.vault.holds(line.blob_digest):
                    yield f"still holds “{line.artifact_id}”, from which they are kept"
        told = json.dumps([view.submission(own_id).educator for own_id, _, _ in view.names()])  # type: ignore[union-attr]
    if NAME in told:
        yield "knows the educator's name"
    for digest in {row.blob for row in files} | {file for file, _ in sealed}:
        if _hands_out(office, person, digest) != (digest in may):
            yield f"file {digest[:8]}: the hub {'keeps it from' if digest in may else 'hands it to'} them"


def _hands_out(office: Office, person: Person, digest: str) -> bool:
    try:
        blobs_with(office.hub, _caller(person), digest)
    except Declined:
        return False
    return True


def at_the_hub(office: Office, people: list[Person]) -> Iterator[str]:
    """Whether each thing that was sealed is there once, as it was sealed."""
    hub = office.hub
    made = {digest: one for person in people for digest, one in person.sealed.items()}
    with hub.database.reading() as view:
        rows = view.execute(sa.select(t.packets)).all()
    trust = TrustList.parse(hub.authority.trust_list())
    files = Counter(row.file for row in rows)
    yield from (f"the file {file[:8]} stands for several" for file, times in files.items() if times > 1)
    stored = {one.digest for one in hub.packets.stored()}
    yield from (f"the file {one[:8]} belongs to nothing delivered" for one in stored - set(files))
    for row in rows:
        if row.digest not in made:
            yield f"{row.kind} {row.digest[:8]} is at the hub and nobody sealed it"
            continue
        with (
            hub.packets.at_hand(row.file) as path,
            open_sealed(path, row.file_key, "it") as there,
        ):
            content = there.read()
        if content != made[row.digest].content:
            yield f"{row.kind} {row.digest[:8]} is other bytes at the hub than were sealed"
        if row.kind in ("packet", "decision"):
            verdict = verify_bytes(with_receipt(content, row.receipt), row.digest, trust, hub.clock())
            if verdict.bad:
                yield f"{row.kind} {row.digest[:8]} does not verify: {verdict.headline}"
