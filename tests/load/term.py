"""A state's term in a hub: people, submissions with their artifacts, assignments, what was delivered before.

What is fetched and delivered is real: files of the pool are sealed by the hub's own code, submissions to be assessed
are imported, assigned and signed as ever. All else is rows alone: a stretch of them is written with the hub's own
tables, which seal what is secret, and multiplied by the database with ids of their own.
"""

from __future__ import annotations

import hashlib
import io
import math
import os
import random
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from tests.hub.making import import_quickly, write_rows

from assessor_desk import places
from assessor_desk.artifacts.vault import Sealed
from assessor_desk.domain.changes import Enrolment
from assessor_desk.domain.roles import Role
from assessor_desk.domain.submission import submission_id
from assessor_desk.hub import tables as t
from assessor_desk.hub.assigning import assign
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import enrol_device, hashed, new_code
from assessor_desk.hub.publishing import publish
from assessor_desk.hub.timeline import cursor_at, place_of
from assessor_desk.hub.whereabouts import Whereabouts
from assessor_desk.keys.signing import SigningKey

RUBRIC = "formative-assessment-math"
#: Sizes of artifacts: log-normal, since some are photographs of a board and some are recordings; bounded at both ends.
MEDIAN, SIGMA, SMALLEST, LARGEST = 300_000, 1.5, 4_096, 16 << 20
#: In so many of the copies the first file is one of the pool, and real.
SHARED = 20
#: Submissions of one asking person, whom the bursts and the slope are measured by: the same in a small and a large hub.
OWN = 50
_AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
_HIDDEN = dict.fromkeys(("name", "school", "attempt", "earlier_scores", "co_assessor", "coach"), True)


def sizes(count: int, chance: random.Random) -> list[int]:
    """So many sizes of artifacts in bytes."""
    drawn = (chance.lognormvariate(math.log(MEDIAN), SIGMA) for _ in range(count))
    return [round(min(max(one, SMALLEST), LARGEST)) for one in drawn]


@dataclass(frozen=True)
class Size:
    """How large a term is. `asking` of the assessors ask in the burst, `deliveries` packets can be delivered."""

    assessors: int = 200
    submissions: int = 10_000
    artifacts: int = 8
    pool: int = 96
    asking: int = 10
    deliverers: int = 10
    deliveries: int = 60


@dataclass
class Term:
    """A hub with a term in it, closed; what clients have to know of it."""

    folder: Path
    size: Size
    identity: str = ""
    tokens: dict[str, str] = field(default_factory=dict)
    enrolled: list[Enrolment] = field(default_factory=list)
    keys: dict[str, list[str]] = field(default_factory=dict)
    pool: list[str] = field(default_factory=list)
    #: By token: cursor, and files by digest with their length.
    known: dict[str, tuple[str, list[tuple[str, int]]]] = field(default_factory=dict)
    key: SigningKey = field(default_factory=SigningKey.generate)

    def make(self, told: Whereabouts | None = None) -> None:
        """Everything."""
        hub = Hub.create(self.folder, "Lakeside hub", "Lakeside Regional Programme", told=told)
        self.identity = hub.identity
        publish(hub, places.rubrics() / f"{RUBRIC}.yaml")
        publish(hub, places.resources() / "policies" / "default.yaml")
        chance = random.Random(6)
        pool = _pool(hub, self.size.pool, chance)
        self.pool = [sealed.digest for sealed, _, _ in pool]
        with hub.database.writing() as work:
            self._people(work)
            rows = dict(_rows(hub, work, self.size, pool, chance))
            for name, several in rows.items():
                work.execute(sa.insert(t.metadata.tables[name]), several)
        self._multiply(hub)
        self._deliverable(hub)
        self._know(hub)
        hub.close()

    def _people(self, work: sa.Connection) -> None:
        """All as rows: a number, a computer, a token."""
        people, devices = [], []
        for number in range(self.size.assessors):
            person, token = _person(number), secrets.token_urlsafe(32)
            people.append(
                {"number": person, "name": f"Assessor {number}", "roles": ["assessor"], "joined_at": _AT}
            )
            devices.append(
                {"id": f"device-{number}", "person": person, "title": "a desk", "token_hash": hashed(token),
                 "serial": str(number), "enrolled_at": _AT}
            )  # fmt: skip
            if not 0 <= number - self.size.asking < self.size.deliverers:
                self.tokens[person] = token
        work.execute(sa.insert(t.people), people)
        work.execute(sa.insert(t.devices), devices)

    def _multiply(self, hub: Hub) -> None:
        stretch = self.size.asking * OWN
        times = max(0, self.size.submissions // stretch - 1)
        with hub.database.writing() as work:
            for statement in _copies(work.dialect.name, times, self.size) if times else ():
                work.execute(sa.text(statement))
        if hub.database.shares_papers:  # as the server does by itself within a minute
            with hub.database.home.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as alone:
                alone.exec_driver_sql("ANALYZE")

    def _know(self, hub: Hub) -> None:
        """Cursor and files of each person: what their desk has before the evening begins."""
        epoch, a, own = place_of(hub, "").epoch, t.artifacts.c, t.assignments.c
        files = (
            sa.select(own.person, a.blob, t.blobs.c.length)
            .join(t.artifacts, a.submission_id == own.submission_id)
            .join(t.blobs, t.blobs.c.digest == a.blob)
            .where(a.id == "file-0", a.blob.in_(self.pool))
        )
        with hub.database.reading() as view:
            last = view.execute(sa.select(sa.func.max(t.changes.c.seq))).scalar_one()
            cursor = cursor_at(view, epoch, last)
            for person, digest, length in view.execute(files):
                if person in self.tokens:
                    self.known.setdefault(self.tokens[person], (cursor, []))[1].append((digest, length))

    def _deliverable(self, hub: Hub) -> None:
        """Submissions that packets can be sealed for, of people with real certificates."""
        each = self.size.deliveries // self.size.deliverers
        folder = self.folder.with_name(f"{self.folder.name}-incoming")
        folder.mkdir()
        names = [[f"D-{who:02}-{number:03}" for number in range(each)] for who in range(self.size.deliverers)]
        keys = [key for several in names for key in several]
        (folder / "board.md").write_text("# The board\n\nEighteen marbles.\n", encoding="utf-8")
        lines = [f"{key},E-{key},Anna Berg,{RUBRIC},1,no,Lakeside,en,yes," for key in keys]
        write_rows(folder, lines, [f"{key},work,board.md,The board," for key in keys])
        import_quickly(hub, folder)
        for who, several in enumerate(names):
            person = _person(self.size.asking + who)
            code = new_code(hub, person)
            self.enrolled.append(
                enrol_device(hub, code, self.key.csr(person).decode(), "a desk", "127.0.0.1")
            )
            for key in several:
                assign(hub, key, person)
            self.keys[person] = several


def _person(number: int) -> str:
    return f"P-{1001 + number}"


def _pool(hub: Hub, count: int, chance: random.Random) -> list[tuple[Sealed, int, str]]:
    """Real files: sealed, with plain size and SHA-256."""
    found = []
    for size in sizes(count, chance):
        content = os.urandom(min(size, 1 << 16))
        content = (content * (size // len(content) + 1))[:size]
        found.append((hub.blobs.write(io.BytesIO(content), size), size, hashlib.sha256(content).hexdigest()))
    return found


def _rows(
    hub: Hub, work: sa.Connection, size: Size, pool: list[tuple[Sealed, int, str]], chance: random.Random
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A stretch of submissions, those of the people who ask; each artifact with a row for its file of its own, but for
    the first, whose file is one of the pool.
    """
    d = t.documents.c
    told = {row.kind: (row.id, row.version) for row in work.execute(sa.select(d.kind, d.id, d.version)).all()}
    found: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("submissions", "blobs", "artifacts", "looks", "assignments", "changes")
    }
    found["blobs"] = [{"digest": one.digest, "length": one.length, "key": one.key} for one, _, _ in pool]
    for number in range(size.asking * OWN):
        _submission(hub, found, number, told, size, pool, chance)
    yield from found.items()


def _submission(
    hub: Hub, found: Mapping[str, list[dict[str, Any]]], number: int, told: Mapping[str, tuple[str, str]],
    size: Size, pool: list[tuple[Sealed, int, str]], chance: random.Random,
) -> None:  # fmt: skip
    key = f"B-{number:04}"
    own, assignment, person = submission_id(hub.identity, key), f"a-{key}", _person(number // OWN)
    (rubric, version), (policy, of_policy) = told["rubric"], told["policy"]
    found["submissions"].append(
        {"id": own, "key": key, "rubric_id": rubric, "attempt": 1, "draft": False, "language": "en",
         "permission_attested": True, "educator_key": f"E-{number}", "educator_name": "Anna Berg",
         "district": "Lakeside", "email": "", "state_educator_id": "", "imported_at": _AT}
    )  # fmt: skip
    for position, plain in enumerate(sizes(size.artifacts, chance)):
        sealed, plain, sha256 = (
            pool[chance.randrange(len(pool))] if position == 0 else (None, plain, secrets.token_hex(32))
        )
        if sealed is None:
            sealed = Sealed(secrets.token_hex(32), plain + 64, secrets.token_bytes(32))
            found["blobs"].append({"digest": sealed.digest, "length": sealed.length, "key": sealed.key})
        found["artifacts"].append(
            {"submission_id": own, "id": f"file-{position}", "position": position, "origin": f"{position}.mp4",
             "part": "work", "name": f"lesson {position}.mp4", "label": "The lesson", "media_type": "video/mp4",
             "size": plain, "sha256": sha256, "link": "", "captions": "", "blob": sealed.digest, "removed": False}
        )  # fmt: skip
        found["looks"].append(
            {
                "submission_id": own,
                "artifact_id": f"file-{position}",
                "sha256": sha256,
                "likeness": "",
                "found": {},
            }
        )
    found["assignments"].append(
        {"id": assignment, "submission_id": own, "person": person, "role": Role.ASSESSOR.value, "purpose": "assess",
         "rubric_id": rubric, "rubric_version": version, "policy_id": policy, "policy_version": of_policy,
         "blindness": _HIDDEN, "due_at": _AT + timedelta(days=14), "assigned_at": _AT,
         "document": secrets.token_bytes(1200), "signature": secrets.token_bytes(900)}
    )  # fmt: skip
    found["changes"].append({"person": person, "kind": "assignment", "subject": assignment})


def _copies(dialect: str, times: int, size: Size) -> Iterator[str]:
    """SQL that copies the stretch so many times, to the other people in turn."""
    if dialect == "postgresql":
        series, number = f"generate_series(1, {times}) AS s(n)", "lpad(to_hex(n), 8, '0')"
    else:
        series = f"(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {times}) SELECT n FROM s)"
        number = "printf('%08x', n)"
    first = size.asking + size.deliverers
    person = f"'P-' || (1001 + {first} + n % {size.assessors - first})"
    digest = f"substr({{}}, 1, 56) || {number}"
    fresh: dict[str, tuple[dict[str, str], str]] = {
        "submissions": ({c: f"{c} || '-' || n" for c in ("id", "key", "educator_key")}, "key LIKE 'B-%'"),
        "blobs": ({"digest": digest.format("digest")}, "digest IN (SELECT blob FROM artifacts)"),
        "artifacts": (
            {"submission_id": "submission_id || '-' || n",
             "blob": f"CASE WHEN position = 0 AND n < {SHARED} THEN blob ELSE {digest.format('blob')} END",
             "sha256": digest.format("sha256")}, "id LIKE 'file-%'"),
        "looks": (
            {"submission_id": "submission_id || '-' || n", "sha256": digest.format("sha256")},
            "artifact_id LIKE 'file-%'"),
        "assignments": (
            {"id": "id || '-' || n", "submission_id": "submission_id || '-' || n", "person": person},
            "id LIKE 'a-B-%'"),
        "changes": ({"person": person, "subject": "subject || '-' || n"}, "subject LIKE 'a-B-%'"),
    }  # fmt: skip
    for name, (new, which) in fresh.items():
        columns = [c.name for c in t.metadata.tables[name].columns if (name, c.name) != ("changes", "seq")]
        chosen = ", ".join(new.get(column, column) for column in columns)
        yield f"INSERT INTO {name} ({', '.join(columns)}) SELECT {chosen} FROM {name}, {series} WHERE {which}"
