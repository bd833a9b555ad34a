"""Rounds with a hub: one with nothing new, for few and for many assignments, and the first one of all.

The hub is a process of its own, its rows are written as an import and an assigning would leave them. Assignments carry
an attestation of the usual length; there are no files, so that nothing but entries is measured.

The first round is a whole one, of a desk that was enrolled a moment ago: asked, made, sent, looked through, written,
counted. Its floor is the driver alone, writing the rows that the round left into an empty file of the same kind and
settings, in one transaction, from memory. That floor is low in two ways: a round ends with each row on the disk twice,
in the file and in the journal beside it, and it commits page by page, so that one broken off goes on where it was. The
second floor writes the rows twice as well. Nothing makes either floor higher than a round could be.

How long a machine shared with others takes says little: the processor's seconds of both sides are told as well.
"""

import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from harness import Measure, seconds

from assessor_desk import places
from assessor_desk.cli.sample_hub import HubProcess
from assessor_desk.desk import Desk
from assessor_desk.domain.changes import SourceChanges
from assessor_desk.domain.roles import Role
from assessor_desk.domain.submission import submission_id
from assessor_desk.hub import tables as t
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import add_person, new_code
from assessor_desk.hub.publishing import publish
from assessor_desk.hub.timeline import cursor_at, place_of
from assessor_desk.store.connection import connect
from assessor_desk.store.upgrading import bring_up_to_date

PASSPHRASE = "bench"
FEW, MANY = 10_000, 100_000
_AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
_RUBRIC = "formative-assessment-math"
_TAKEN = ("submissions", "assignments", "published", "inbox")


@dataclass
class Bench:
    """A hub with so many assignments for one person, in a folder."""

    folder: Path
    count: int

    def make(self) -> str:
        """The hub's rows; a code for a desk."""
        hub = Hub.create(self.folder, "Lakeside hub", "Lakeside Regional Programme")
        publish(hub, places.rubrics() / f"{_RUBRIC}.yaml")
        publish(hub, places.resources() / "policies" / "default.yaml")
        person = add_person(hub, "Sample assessor", [Role.ASSESSOR])
        with hub.database.writing() as work:
            for name, rows in self._rows(hub, work, person).items():
                work.execute(sa.insert(t.metadata.tables[name]), rows)
        code = new_code(hub, person)
        hub.close()
        return code

    def _rows(self, hub: Hub, work: sa.Connection, person: str) -> dict[str, list[dict[str, Any]]]:
        d = t.documents.c
        versions = {
            row.kind: (row.id, row.version) for row in work.execute(sa.select(d.kind, d.id, d.version)).all()
        }
        (rubric, version), (policy, of_policy) = versions["rubric"], versions["policy"]
        hidden = dict.fromkeys(("name", "school", "attempt", "earlier_scores", "co_assessor", "coach"), True)
        attested = json.dumps({"said": secrets.token_hex(600)}).encode(), secrets.token_bytes(900)
        found: dict[str, list[dict[str, Any]]] = {"submissions": [], "assignments": [], "changes": []}
        for number in range(self.count):
            key = f"S-{number:06}"
            own, assignment = submission_id(hub.identity, key), str(uuid4())
            found["submissions"].append(
                {
                    "id": own, "key": key, "rubric_id": rubric, "attempt": 1, "draft": False, "language": "en",
                    "permission_attested": True, "educator_key": f"E-{number}", "educator_name": "Anna Berg",
                    "district": "Lakeside", "email": "", "state_educator_id": "", "imported_at": _AT,
                }
            )  # fmt: skip
            found["assignments"].append(
                {
                    "id": assignment, "submission_id": own, "person": person, "role": "assessor", "purpose": "assess",
                    "rubric_id": rubric, "rubric_version": version, "policy_id": policy, "policy_version": of_policy,
                    "blindness": hidden, "due_at": _AT + timedelta(minutes=number), "assigned_at": _AT,
                    "document": attested[0], "signature": attested[1],
                }
            )  # fmt: skip
            found["changes"].append({"person": person, "kind": "assignment", "subject": assignment})
        return found


def connected(folder: Path, url: str, code: str) -> Desk:
    """A new desk that has not synced yet."""
    desk, _recovery_key = Desk.create(folder, PASSPHRASE)
    desk.connect(url, code, PASSPHRASE)
    return desk


def filled(desk: Desk, folder: Path) -> Desk:
    """The desk as rounds have left it: the first page by the engine, the rest as copies of its rows, told all."""
    with source_of_desk(desk) as source:
        page = source.changes("")
        desk.store.accept(page, source.identity)
        hub = Hub.open(folder)
        with hub.database.reading() as view:
            own = t.assignments.c
            told = view.execute(
                sa.select(own.id, own.submission_id, t.submissions.c.key).join(t.submissions)
            ).all()
            last = view.execute(sa.select(sa.func.max(t.changes.c.seq))).scalar_one()
        place = place_of(hub, "")
        with hub.database.reading() as view:
            cursor = cursor_at(view, place.epoch, last)
        hub.close()
        here = {one.id for one in page.assignments}
        first = page.assignments[0]
        key = next(one.key for one in page.submissions if one.id == first.submission_id)
        _copy_rows(
            desk, (first.id, first.submission_id, key), [tuple(row) for row in told if row.id not in here]
        )
        desk.store.accept(SourceChanges(cursor), source.identity)
    for _ in range(3):
        result = desk.sync()
    if not result.quiet:
        raise RuntimeError(f"the desk is not as the hub says: {result}")
    return desk


def _copy_rows(desk: Desk, one: tuple[str, ...], others: list[tuple[str, ...]]) -> None:
    target = connect(desk.store.path, desk.store._file_key)
    target.execute("BEGIN IMMEDIATE")
    for name, column in {
        "submissions": "id",
        "assignments": "id",
        "published": "id",
        "inbox": "submission_id",
    }.items():
        wanted = one[0] if name in ("assignments", "published") else one[1]
        row = target.execute(f"SELECT * FROM {name} WHERE {column} = ?", (wanted,)).fetchone()
        marks = ", ".join("?" * len(row))
        target.executemany(
            f"INSERT INTO {name} VALUES ({marks})", (_renamed(row, one, other) for other in others)
        )
    target.execute("COMMIT")
    target.close()


def _renamed(row: tuple[Any, ...], one: tuple[str, ...], other: tuple[str, ...]) -> list[Any]:
    told = []
    for value in row:
        if isinstance(value, str):
            for old, new in zip(one, other, strict=True):
                value = value.replace(old, new)
        told.append(value)
    return told


def bare_insert(desk: Desk, folder: Path) -> Any:
    """The rows that the first round left, written by the driver alone into an empty file of the same kind."""
    key = b"k" * 32
    source = connect(desk.store.path, desk.store._file_key)
    rows = {name: source.execute(f"SELECT * FROM {name}").fetchall() for name in _TAKEN}
    source.close()

    def insert() -> None:
        path = folder / f"{secrets.token_hex(4)}.db"
        bring_up_to_date(path, key, folder, _AT)
        target = connect(path, key)
        nonlocal taken
        taken = seconds(lambda: _insert(target, rows))
        target.close()
        path.unlink()

    taken = 0.0

    def timed() -> float:
        insert()
        return taken

    return timed


def with_a_journal(desk: Desk, folder: Path, bare: Any) -> Any:
    """The same rows, and once more, encrypted, at the end of a file that reaches the disk."""
    source = connect(desk.store.path, desk.store._file_key)
    rows = {name: source.execute(f"SELECT * FROM {name}").fetchall() for name in _TAKEN}
    source.close()

    def append() -> None:
        sealed = AESGCM(b"j" * 32).encrypt(b"n" * 12, msgspec.msgpack.encode(rows), b"")
        with (folder / "journal").open("wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())

    return lambda: bare() + seconds(append)


def cpu_of(pid: int) -> float:
    """Seconds of the processor that a process took, 0 where the system does not tell."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def code_for(folder: Path) -> str:
    """A code for another device of the one person."""
    hub = Hub.open(folder)
    with hub.database.reading() as view:
        person = view.execute(sa.select(t.people.c.number)).scalar_one()
    code = new_code(hub, person)
    hub.close()
    return code


def _insert(target: Any, rows: dict[str, list[tuple[Any, ...]]]) -> None:
    target.execute("BEGIN IMMEDIATE")
    for name, several in rows.items():
        marks = ", ".join("?" * len(several[0]))
        target.executemany(f"INSERT INTO {name} VALUES ({marks})", several)
    target.execute("COMMIT")


@contextmanager
def measures(folder: Path) -> Iterator[list[Measure]]:
    """Two hubs, each with a desk that has everything."""
    with ExitStack() as leaving:
        desks, hubs = {}, {}
        for count in (FEW, MANY):
            code = Bench(folder / f"hub-{count}", count).make()
            hubs[count] = leaving.enter_context(HubProcess(folder / f"hub-{count}"))
            desk = connected(folder / f"desk-{count}", hubs[count].url, code)
            desks[count] = filled(desk, folder / f"hub-{count}")
            leaving.callback(desks[count].close)
        few, many = desks[FEW], desks[MANY]
        first = FirstRound(folder, hubs[FEW])
        bare = bare_insert(few, folder)
        yield [
            Measure(
                f"a round with nothing new, {MANY:,} for {FEW:,}",
                lambda: seconds(few.sync),
                lambda: seconds(many.sync),
                1.2,
                15,
            ),
            Measure(f"the first round of {FEW:,} for a bare insert", bare, first, 2.0, 2),
            Measure(
                f"the first round of {FEW:,} for an insert with its journal",
                with_a_journal(few, folder, bare),
                first,
                2.0,
                2,
            ),
        ]


@dataclass
class FirstRound:
    """Take everything from the beginning, on a desk that has nothing of it; tells what that costs both sides."""

    folder: Path
    hub: HubProcess

    def __call__(self) -> float:
        code = code_for(self.folder / f"hub-{FEW}")
        desk = connected(self.folder / f"fresh-{secrets.token_hex(4)}", self.hub.url, code)
        here, there = time.process_time(), cpu_of(self.hub.pid)
        taken = seconds(lambda: _whole(desk))
        here, there = time.process_time() - here, cpu_of(self.hub.pid) - there
        print(f"  a first round: {taken:.2f} s; processor: desk {here:.2f} s, hub {there:.2f} s", flush=True)
        desk.close()
        return taken


def _whole(desk: Desk) -> None:
    result = desk.sync()
    if result.taken != FEW or result.troubles:
        raise RuntimeError(f"the desk did not take everything: {result}")


@contextmanager
def source_of_desk(desk: Desk) -> Iterator[Any]:
    from assessor_desk.desk.connecting import source_of
    from assessor_desk.desk.programmes import SOURCES

    (kept,) = desk.store.fact(SOURCES)
    source = source_of(desk._surroundings, kept["identity"])
    try:
        yield source
    finally:
        source.close()
