"""A coach's notes on a draft: what is there, what to try next, a question. Help is not evidence, so nothing is scored.

Notes are the fold of entries like a review (DESIGN §2), by a table of their own that has no levels: no entry can give
them one. They are handed back rather than sealed, may be carried on after that, and go when policy says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from .review import COACHING_FIELDS, Draft, Entry, EntryKind, Sheet, Table, folded, shared_table


class Uptake(StrEnum):
    """What the educator made of an earlier note in the next draft."""

    TAKEN_UP = "taken_up"
    PARTLY = "partly"
    NOT = "not"


UPTAKE_TITLES: Mapping[Uptake, str] = {
    Uptake.TAKEN_UP: "Taken up",
    Uptake.PARTLY: "Partly",
    Uptake.NOT: "Not yet",
}


@dataclass(frozen=True, slots=True)
class HandedBack:
    """When notes went back, as which document (SHA-256 of its canonical JSON), and the entries it covers."""

    at: datetime
    digest: str
    covers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoachingNotes(Sheet):
    """A coach's notes on one draft.

    `uptake` says of notes on an earlier draft (their `note_key`) what became of them. `handed_back` is the last time
    that they went to the educator.
    """

    uptake: Mapping[str, Uptake] = field(default_factory=dict)
    handed_back: HandedBack | None = None

    def speaks_of(self, criterion_id: str) -> bool:
        """Whether anything was written on a criterion."""
        work = self.work(criterion_id)
        return any(work.text(one).strip() for one in COACHING_FIELDS)

    @property
    def written(self) -> int:
        """How many notes there are: texts on criteria, and lines at anchors."""
        on_criteria = sum(
            1 for work in self.works.values() for one in COACHING_FIELDS if work.text(one).strip()
        )
        return on_criteria + sum(1 for anchor in self.anchors if anchor.note)


def note_key(criterion: str, which: str) -> str:
    """An earlier note's name when its uptake is marked: criterion and field, or `anchor` and its id."""
    return f"{criterion}/{which}"


def note_keys(notes: CoachingNotes) -> Iterator[str]:
    """The keys of all that the educator was asked to try, and of every line at an anchor."""
    for criterion, work in notes.works.items():
        yield from (note_key(criterion, one.value) for one in COACHING_FIELDS[1:] if work.text(one).strip())
    yield from (note_key("anchor", anchor.id) for anchor in notes.anchors if anchor.note)


def fold_notes(notes_id: str, entries: Iterable[Entry], drafts: Iterable[Draft] = ()) -> CoachingNotes:
    """The notes that these entries, and texts still being typed, amount to."""
    return folded(CoachingNotes(notes_id), entries, drafts, _APPLY)


def _uptake_marked(notes: CoachingNotes, entry: Entry) -> CoachingNotes:
    uptake, key = entry.data["uptake"], entry.data["note"]
    others = {k: v for k, v in notes.uptake.items() if k != key}
    return replace(notes, uptake={**others, key: Uptake(uptake)} if uptake else others)


def _handed_back(notes: CoachingNotes, entry: Entry) -> CoachingNotes:
    data = entry.data
    return replace(notes, handed_back=HandedBack(entry.at, data["digest"], tuple(data["covers"])))


_APPLY: Table[CoachingNotes] = {
    **shared_table(),
    EntryKind.UPTAKE_MARKED: _uptake_marked,
    EntryKind.HANDED_BACK: _handed_back,
}
