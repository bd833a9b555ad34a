"""A person at a desk, and beside the desk what they did and were told is saved: a plain dictionary, the model."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.desk.sticks import PASSPHRASE
from tests.hub.making import StandingClock
from tests.model.town import CRITERIA, LEVELS

from assessor_desk.artifacts.sealed_stream import open_sealed
from assessor_desk.desk import Desk
from assessor_desk.domain.anchor import Whole
from assessor_desk.domain.errors import Damaged, DeskError, Refused, Unavailable, sentence
from assessor_desk.domain.review import Entry, Review, TextField, fold
from assessor_desk.store.lines import OutboxLine

#: All that the policy asks for, and more than it asks of a submission handed back.
ATTESTATIONS = (
    "no_affiliation",
    "educator_not_recognised",
    "rubric_used",
    "no_ai_text",
)
#: What an entry may lose when its time is over: words typed over, never that they were written.
_WORDS = "text"


@dataclass
class Page:
    """One review as its person left it: what stands where, and the steps that undo takes back."""

    values: dict[str, Any] = field(default_factory=dict)
    steps: list[tuple[str, Any]] = field(default_factory=list)
    typed: str | None = None
    sealed: bool = False

    def put(self, place: str, value: Any, again: bool = False) -> None:
        """An act; the same once more is none, but where `again` says so."""
        if again or self.values.get(place) != value:
            self.steps.append((place, self.values.get(place)))
            self.values[place] = value

    def settle(self, replaced: bool = False) -> None:
        """What was being typed is written."""
        typed, self.typed = self.typed, None
        if typed is not None and not replaced:
            self.put("overall", typed)

    def undo(self) -> None:
        place, before = self.steps.pop()
        self.values[place] = before

    @property
    def stands(self) -> dict[str, Any]:
        """What a desk shows of it."""
        shown = {
            **self.values,
            **({} if self.typed is None else {"overall": self.typed}),
        }
        return {place: value for place, value in shown.items() if value not in (None, "")}


@dataclass(frozen=True)
class Sealed:
    """What was sealed here: its bytes, and how the hub is to call it."""

    digest: str
    kind: str
    submission_id: str
    content: bytes


@dataclass
class Person:
    """Somebody with a desk of their own. `off` is by how much its clock is wrong."""

    name: str
    number: str
    folder: Path
    key: bytes
    now: StandingClock
    stick: Path | None = None
    #: Whether they have another desk: what stands in a review is then not for this one alone to say.
    shares: bool = False
    off: timedelta = timedelta()
    #: Whether it ever was.
    misled: bool = False
    pages: dict[str, Page] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    sealed: dict[str, Sealed] = field(default_factory=dict)
    #: Why the hub would not take something, by its digest.
    refused: dict[str, str] = field(default_factory=dict)
    desk: Desk = field(init=False)

    def clock(self) -> datetime:
        """The time as this computer has it."""
        return self.now() + self.off

    # -- the desk itself -----------------------------------------------------------------------------------------

    def open(self) -> None:
        """Open it; the address of a stick is where the stick is now."""
        self.desk = Desk.open_with_key(self.folder, self.key, self.clock)

    def find_stick(self) -> None:
        """Say where the stick is, as a desk is told that was moved with it."""
        address = f"folder:{self.stick}"
        store = self.desk.store
        store.set_fact("profile", {**store.fact("profile"), "source_address": address})
        store.set_fact("sources", [{**one, "address": address} for one in store.fact("sources")])

    def close(self) -> None:
        self.desk.close()

    def lose_power(self) -> None:
        """The folder as it lies at this moment is all that is left: nothing was closed, nothing said good-bye."""
        aside = self.folder.with_name(f"{self.name} as it lay")
        shutil.copytree(self.folder, aside)
        self.desk.close()
        lock = self.folder / "desk.lock"
        for one in self.folder.iterdir():
            if one != lock:  # the same file on the same disk: by it a desk knows its place
                shutil.rmtree(one) if one.is_dir() else one.unlink()
        (aside / lock.name).unlink()
        shutil.copytree(aside, self.folder, dirs_exist_ok=True)
        shutil.rmtree(aside)

    # -- acts: each raises what the desk raises, and then changes nothing here ------------------------------------

    def act(self, key: str, act: Callable[[str], object], then: Callable[[Page], None]) -> None:
        """Something done to the review of a submission; `then` is the same done to the model."""
        own_id = self.desk.find(key)
        act(own_id)
        if not self.shares:
            then(self.page(own_id))
        self.note(own_id)

    def check_completeness(self, key: str, reasons: list[str]) -> None:
        def then(page: Page) -> None:
            page.settle()
            page.put("completeness", tuple(reasons), again=True)

        self.act(key, lambda own_id: self.desk.record_completeness(own_id, reasons), then)

    def score(self, key: str, criterion: int, level: int) -> None:
        place, picked = CRITERIA[criterion], LEVELS[level]

        def then(page: Page) -> None:
            page.settle()
            page.put(f"level {place}", picked)

        self.act(key, lambda own_id: self.desk.record_score(own_id, place, picked), then)

    def type(self, key: str, words: str) -> None:
        def then(page: Page) -> None:
            page.typed = words

        self.act(
            key,
            lambda own_id: self.desk.draft_text(own_id, TextField.OVERALL, words),
            then,
        )

    def write(self, key: str, words: str) -> None:
        def then(page: Page) -> None:
            page.settle(replaced=True)
            page.put("overall", words)

        self.act(
            key,
            lambda own_id: self.desk.write_text(own_id, TextField.OVERALL, words),
            then,
        )

    def anchor(self, key: str, note: str) -> None:
        def then(page: Page) -> None:
            page.settle()
            page.put(f"anchor {note}", True, again=True)

        self.act(
            key,
            lambda own_id: self.desk.place_anchor(own_id, f"{key}-work.md", Whole(), note),
            then,
        )

    def undo(self, key: str) -> None:
        def then(page: Page) -> None:
            page.settle()
            page.undo()

        self.act(key, self.desk.undo, then)

    def look_again(self, key: str) -> None:
        def then(page: Page) -> None:
            page.settle()
            page.steps.append(("looked again", page.values.get("looked again")))

        self.act(key, self.desk.confirm_second_look, then)

    def move_over(self, key: str) -> None:
        """The rubric's newer version differs in its number only, so that all scores are carried."""

        def then(page: Page) -> None:
            page.settle()
            page.steps.append(("moved", page.values.get("moved")))

        self.act(key, self.desk.move_rubric, then)

    def seal(self, key: str) -> None:
        own_id = self.desk.find(key)
        self.desk.settle_drafts(own_id)  # as the seal does first, whether or not it is refused then
        self.page(own_id).settle()
        digest = self.desk.seal_packet(own_id, PASSPHRASE, ATTESTATIONS).digest
        self.page(own_id).sealed = True
        self._keep_sealed(digest, own_id)

    def correct(self, key: str) -> None:
        def then(page: Page) -> None:
            page.sealed = False
            page.steps.clear()

        self.act(key, self.desk.begin_correction, then)

    def raise_concern(self, key: str) -> None:
        own_id = self.desk.find(key)
        before = {line.digest for line in self.waiting()}
        self.desk.raise_concern(own_id, "integrity", f"Another educator wrote {key}, word for word.")
        (digest,) = {line.digest for line in self.waiting()} - before
        self._keep_sealed(digest, own_id)

    def decide(self, key: str) -> None:
        own_id = self.desk.find(key)
        self._keep_sealed(self.desk.decide(own_id, PASSPHRASE).digest, own_id)

    def pass_back(self, key: str) -> None:
        own_id = self.desk.find(key)
        told = "The second file was not looked at."
        self._keep_sealed(self.desk.pass_back(own_id, told, PASSPHRASE).digest, own_id)

    def decide_anew(self, key: str) -> None:
        own_id = self.desk.find(key)
        self.desk.decide_anew(own_id)
        self.note(own_id)

    def sync(self) -> str:
        """One round, told in a few words."""
        try:
            result = self.desk.sync()
        except DeskError as error:
            kind = next(one for one in (Refused, Unavailable, Damaged, DeskError) if isinstance(error, one))
            return f"{kind.__name__}: {sentence(error)}"
        finally:
            self.note_refusals()
        if result.troubles:
            # What was corrected already goes with its refusal, which is told once.
            with self.desk.store.reading() as view:
                (source,) = view.fact("sources")
                arrived = set(view.outbox_receipted(source["identity"]))
            gone = set(self.sealed) - arrived - {line.digest for line in self.waiting()} - set(self.refused)
            self.refused |= dict.fromkeys(gone, "; ".join(result.troubles))
        parts = [
            f"{name} {getattr(result, name)}"
            for name in ("delivered", "taken", "fetched", "waiting", "entries")
        ]
        told = [one for one in parts if not one.endswith(" 0")] + list(result.troubles) + list(result.told)
        return "; ".join(told) or "nothing new"

    # -- what is known ------------------------------------------------------------------------------------------

    def page(self, own_id: str) -> Page:
        """What they left of the assignment that the desk shows."""
        with self.desk.store.reading() as view:
            assignment, _aside = view.assignments(own_id)[-1]
        return self.pages.setdefault(assignment.id, Page())

    def waiting(self) -> list[OutboxLine]:
        """What still has to go to the hub."""
        return self.desk.store.outbox_waiting()

    def turned_away(self) -> list[Sealed]:
        """Reviews that the hub would not take, and that wait here."""
        waiting = {line.digest for line in self.waiting() if line.refused and not line.receipt}
        return [one for digest, one in self.sealed.items() if digest in waiting and one.kind == "packet"]

    def note(self, own_id: str) -> None:
        """What is written now was acknowledged."""
        with self.desk.store.reading() as view:
            for review in view.reviews(own_id):
                self.entries |= {entry.id: entry for entry in view.entries(review.id)}

    def note_refusals(self) -> None:
        """What the hub said it will not take."""
        self.refused |= {line.digest: line.last_trouble for line in self.waiting() if line.refused}

    def _keep_sealed(self, digest: str, own_id: str) -> None:
        line = next(one for one in self.waiting() if one.digest == digest)
        with open_sealed(line.path, line.key, "what was sealed") as sealed:
            self.sealed[digest] = Sealed(digest, line.kind, own_id, sealed.read())
        self.note(own_id)

    # -- what must hold -----------------------------------------------------------------------------------------

    def written(self) -> list[Entry]:
        """All that is written on this desk."""
        with self.desk.store.reading() as view:
            lines = [line for own_id, _, _ in view.names() for line in view.reviews(own_id)]
            return [entry for line in lines for entry in view.entries(line.id)]

    def leave_off_typing(self) -> None:
        """Whatever was being typed is written: until then it stays on its computer."""
        with self.desk.store.reading() as view:
            reviews = [(own_id, one.id) for own_id, _, _ in view.names() for one in view.reviews(own_id)]
            typing = {own_id for own_id, review in reviews if view.drafts(review)}
        for own_id in typing:
            self.desk.settle_drafts(own_id)
            self.note(own_id)

    def lost(self, elsewhere: Mapping[str, Entry] = MappingProxyType({})) -> list[str]:
        """What was acknowledged, here or on their other desk, and is not there, or not as it was left."""
        with self.desk.store.reading() as view:
            submissions = [own_id for own_id, _, _ in view.names()]
            reviews = {one.id: one for own_id in submissions for one in view.reviews(own_id)}
            written = {own_id: view.entries(own_id) for own_id in reviews}
            typed = {own_id: view.drafts(own_id) for own_id in reviews}
        here = {entry.id: entry for entries in written.values() for entry in entries}
        gone = [
            f"entry “{one.kind}” {dict(one.data)}"
            for one in {**self.entries, **elsewhere}.values()
            if not _kept(one, here)
        ]
        newest = {one.assignment_id: one for one in sorted(reviews.values(), key=lambda one: one.revision)}
        for assignment, page in () if self.shares else self.pages.items():
            review = newest.get(assignment)
            folded = fold(review.id, written[review.id], typed[review.id]) if review else Review("")
            if (shown := _shown(folded)) != page.stands:
                gone.append(f"{assignment[:8]} stands as {shown}, was left as {page.stands}")
        return gone


def _shown(review: Review) -> dict[str, Any]:
    """What stands in a review, by the model's names of places."""
    found: dict[str, Any] = {"overall": review.overall}
    if review.completeness is not None:
        found["completeness"] = tuple(review.completeness)
    found |= {f"level {criterion}": work.level for criterion, work in review.works.items()}
    found |= {f"anchor {one.note}": True for one in review.anchors}
    return {place: value for place, value in found.items() if value not in (None, "")}


def _kept(entry: Entry, here: dict[str, Entry]) -> bool:
    found = here.get(entry.id)
    if found is None or (found.kind, found.review_id, found.counter) != (
        entry.kind,
        entry.review_id,
        entry.counter,
    ):
        return False
    if found.data.get("dropped"):
        return found.data.keys() - {"dropped"} == entry.data.keys()
    return {**found.data, _WORDS: ""} == {**entry.data, _WORDS: ""}
