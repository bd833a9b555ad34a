"""A desk at work without a window: types, scores, anchors, seals, syncs, takes snapshots, and says what is done.

    python clerk.py DESK KEY_FILE MARKS SEED ACTS

Each line of MARKS is a JSON document: `will` says what is about to stand somewhere, `done` that it was acknowledged.
The program is the real one; only the source is made up: it hands over what this file makes.
"""

from __future__ import annotations

import io
import json
import os
import random
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from assessor_desk.artifacts.sealed_stream import new_key, seal
from assessor_desk.desk import Desk
from assessor_desk.domain.anchor import Whole
from assessor_desk.domain.changes import Blob, DeliveryKind, Receipt, SourceChanges, SourceCounts
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.review import TextField
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.domain.submission import Artifact, Assignment, Part, Submission, submission_id
from assessor_desk.keys import envelope
from assessor_desk.sync.engine import run_round
from assessor_desk.sync.source import Held

SOURCE = "urn:uuid:7b1f3f8e-62c0-4d6e-8a52-7d8d4b1f0a11"
PASSPHRASE = "demo"
#: A fixed moment, later with each act: no figure depends on when the test runs.
BEGINNING = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
KINDS = ["type"] * 4 + ["text", "score", "score", "anchor", "sync", "snapshot", "seal", "settings", "look"]
OVERALL = (
    "Your plan asks one question that every pupil answers before anybody speaks, and the answers decide what the next "
    "ten minutes are for. Across the criteria the evidence shows the same habit: you look first and act afterwards, "
    "and pupils know that their answers change the lesson."
)
_WORDS = [
    "each",
    "pupil",
    "writes",
    "an",
    "answer",
    "before",
    "one",
    "is",
    "heard",
    "and",
    "the",
    "groups",
    "follow",
    "from",
    "what",
    "they",
    "wrote",
]


class Marks:
    """Lines that are in the system's hands once written."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def write(self, verb: str, place: str, stands: object) -> None:
        os.write(self._file, json.dumps([verb, place, stands]).encode() + b"\n")


@dataclass
class MadeUpSource:
    """One submission more with every other round; takes whatever is delivered."""

    rubric: tuple[str, str]
    policy: tuple[str, str]
    now: datetime
    address: str = "https://hub.example.org"
    identity: str = SOURCE
    title: str = "A hub"
    content: dict[str, bytes] = field(default_factory=dict)

    def changes(self, cursor: str, *_: object) -> SourceChanges:
        number = int(cursor.rpartition("-")[2]) if cursor.startswith("n-") else 100
        key = f"NEW-{number}"
        own_id, chance = submission_id(SOURCE, key), random.Random(number)
        artifact = Artifact(
            "plan", Part.OVERVIEW, "plan.md", "Plan", "text/markdown", 70_000, f"{number:064x}"
        )
        plain, sealed, secret = chance.randbytes(70_000), io.BytesIO(), new_key()
        seal(io.BytesIO(plain), sealed, secret, len(plain))
        digest = _sha256(sealed.getvalue())
        self.content[digest] = sealed.getvalue()
        return SourceChanges(
            f"n-{number + 1}",
            submissions=(Submission(own_id, SOURCE, key, self.rubric[0], 1, (artifact,)),),
            blobs=(Blob(own_id, "plan", digest, len(sealed.getvalue()), secret),),
            assignments=(
                Assignment(
                    f"assignment-{key}", own_id, "p-17", Role.ASSESSOR, Purpose.ASSESS, *self.rubric, *self.policy,
                    self.now + timedelta(days=3),
                ),
            ),
        )  # fmt: skip

    def fetch(self, blob: Blob, offset: int, end: int | None = None) -> Iterator[bytes]:
        content = self.content.get(blob.digest, b"")[:end]  # nothing of a round before
        for at in range(offset, len(content), 20_000):
            yield content[at : at + 20_000]

    def deliver(
        self, packet: BinaryIO, length: int, digest: str, kind: DeliveryKind = DeliveryKind.PACKET, *_: object
    ) -> Receipt:
        assert len(packet.read()) == length
        return Receipt(digest, self.now, "good")

    def held(self, digests: Iterable[str]) -> Held:
        """Asked after a round that broke off: it lost nothing of what it took."""
        return Held(frozenset(digests), frozenset())

    def counts(self) -> SourceCounts:
        return SourceCounts(0, 0, 0)


def _sha256(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()


class Clerk:
    """Does one thing after another, and marks it."""

    def __init__(self, desk: Desk, marks: Marks, seed: int, now: list[datetime]) -> None:
        self.desk, self.marks, self.now = desk, marks, now
        self.chance = random.Random(seed)
        self.seed, self.number = seed, 0
        self.kinds = KINDS

    def work(self, acts: int) -> None:
        for _ in range(acts):
            self.number += 1
            self.now[0] += timedelta(seconds=20)
            getattr(self, f"_{self.chance.choice(self.kinds)}")()

    def _open(self) -> str:
        """A submission one may write in: a correction is begun where all is sealed."""
        rows = [row for row in self.desk.inbox() if row.role is Role.ASSESSOR]
        own_id = self.chance.choice(rows[:4]).submission_id
        review = self.desk.case(own_id).review
        if review.sealed:
            self.desk.begin_correction(own_id)
        elif review.completeness is None:
            self.desk.record_completeness(own_id)
        return own_id

    def _said(self) -> str:
        return " ".join(
            [*self.chance.choices(_WORDS, k=self.chance.randint(3, 25)), f"{self.seed}-{self.number}"]
        )

    def _type(self) -> None:
        own_id = self._open()
        criterion = self.chance.choice(self.desk.case(own_id).rubric.criteria).id
        said = self._said()
        for end in range(1, len(said), 7):
            self._mark(f"text {own_id} {criterion}", said[:end], lambda end=end: self.desk.draft_text(  # type: ignore[misc]
                own_id, TextField.RATIONALE, said[:end], criterion))  # fmt: skip

    def _text(self) -> None:
        own_id, said = self._open(), self._said()
        criterion = self.chance.choice(self.desk.case(own_id).rubric.criteria).id
        self._mark(f"text {own_id} {criterion}", said, lambda: self.desk.write_text(
            own_id, TextField.RATIONALE, said, criterion))  # fmt: skip

    def _score(self) -> None:
        own_id = self._open()
        criterion = self.chance.choice(self.desk.case(own_id).rubric.criteria)
        level = self.chance.choice(criterion.levels).id
        self._mark(
            f"level {own_id} {criterion.id}",
            level,
            lambda: self.desk.record_score(own_id, criterion.id, level),
        )

    def _anchor(self) -> None:
        own_id = self._open()
        artifact = self.desk.case(own_id).submission.artifacts[0].id
        note = f"seen {self.seed}-{self.number}"
        self._mark(
            f"anchor {own_id} {note}", True, lambda: self.desk.place_anchor(own_id, artifact, Whole(), note)
        )

    def _settings(self) -> None:
        size = self.chance.randint(1, 1000)
        self._mark("setting", size, lambda: self.desk.settings.set("a_size", size))

    def _look(self) -> None:
        self.desk.tidy()

    def _snapshot(self) -> None:
        from assessor_desk.store.snapshots import Why

        self.desk.store.take_snapshot(Why.HOURLY)

    def _sync(self) -> None:
        case = self.desk.case(self.desk.inbox()[0].submission_id)
        source = MadeUpSource(
            (case.rubric.id, case.rubric.version), (case.policy.id, case.policy.version), self.now[0]
        )
        store = self.desk.store
        before = {row.submission_id for row in self.desk.inbox()}
        with store.round_watched():
            run_round(
                store,
                self.desk.vault,
                source,
                lambda: self.now[0],
                lambda _: None,
                threading.Event(),
                _fine,
                _fine,
            )
        for row in self.desk.inbox():
            if row.submission_id not in before:
                self.marks.write("done", f"assigned {row.submission_id}", True)

    def _seal(self) -> None:
        own_id = self._open()
        case = self.desk.case(own_id)
        note = f"seen {self.seed}-{self.number}"
        artifact = case.submission.artifacts[0].id
        _, anchor = self.desk.place_anchor(own_id, artifact, Whole(), note)
        self.marks.write("done", f"anchor {own_id} {note}", True)
        for number, criterion in enumerate(case.rubric.criteria):
            self._finish(own_id, number, criterion.id, criterion.levels[-1].id, anchor)
        self.desk.write_text(own_id, TextField.OVERALL, OVERALL)
        try:
            packet = self.desk.seal_packet(own_id, PASSPHRASE, [one.id for one in case.policy.attestations])
        except Refused:
            return  # the same words as elsewhere: this policy asks for reasons that a clerk does not have
        self.marks.write("done", f"sealed {own_id} {packet.digest}", True)

    def _finish(self, own_id: str, number: int, criterion: str, level: str, anchor: str) -> None:
        said = f"Tickets {number}: each pupil writes an answer before one is heard; groups follow from them."
        strength = f"Strength {number}: nobody can hide behind a raised hand."
        self._mark(
            f"level {own_id} {criterion}", level, lambda: self.desk.record_score(own_id, criterion, level)
        )
        self.desk.give_anchor(own_id, anchor, criterion)
        self._mark(f"text {own_id} {criterion}", said, lambda: self.desk.write_text(
            own_id, TextField.RATIONALE, said, criterion))  # fmt: skip
        self.desk.write_text(own_id, TextField.STRENGTH, strength, criterion)

    def _mark(self, place: str, stands: object, act: Any) -> None:
        self.marks.write("will", place, stands)
        act()
        self.marks.write("done", place, stands)


def _fine(*_: object) -> None:
    """A source that was made up signs nothing."""


def standing(desk: Desk) -> dict[str, object]:
    """What stands on a desk, by the same names of places as in the marks."""
    found: dict[str, object] = {"setting": desk.settings.get("a_size", 0)}
    for row in desk.inbox():
        case, own_id = desk.case(row.submission_id), row.submission_id
        found[f"assigned {own_id}"] = True
        for criterion in case.rubric.criteria:
            work = case.review.work(criterion.id)
            found[f"level {own_id} {criterion.id}"] = work.level
            found[f"text {own_id} {criterion.id}"] = case.review.text(TextField.RATIONALE, criterion.id)
        for anchor in case.review.anchors:
            found[f"anchor {own_id} {anchor.note}"] = True
        with desk.store.reading() as view:
            for review in view.reviews(own_id):
                line = view.outbox_of(review.id)
                if line is not None:
                    here = line.path.is_file() or line.delivered_at is not None
                    found[f"sealed {own_id} {line.digest}"] = here
    return found


def lost(marks: list[list[Any]], found: dict[str, object]) -> list[str]:
    """What was acknowledged and does not stand; what was under way at the end may stand or not."""
    acknowledged: dict[str, object] = {}
    under_way: dict[str, object] = {}
    for verb, place, stands in marks:
        (acknowledged if verb == "done" else under_way)[place] = stands
        if verb == "done":
            under_way.pop(place, None)
    return [
        f"{place}: {found.get(place)!r} in place of {stands!r}"
        for place, stands in acknowledged.items()
        if found.get(place) != stands and not (place in under_way and found.get(place) == under_way[place])
    ]


def cheap_passphrases() -> None:
    """Deriving a key takes a third of a second, on purpose, and is not what is looked at here."""
    envelope._MEMORY_KIB, envelope._PASSES = 256, 1


def main(folder: Path, key: bytes, marks: Marks, seed: int, acts: int) -> None:
    cheap_passphrases()
    now = [BEGINNING + timedelta(hours=seed)]
    with Desk.open_with_key(folder, key, lambda: now[0]) as desk:
        Clerk(desk, marks, seed, now).work(acts)


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        Path(sys.argv[2]).read_bytes(),
        Marks(Path(sys.argv[3])),
        int(sys.argv[4]),
        int(sys.argv[5]),
    )
