"""Choices: what has one answer at one place of a sheet, such as a criterion's level or the completeness check.

As a text does (`wordings`), each choice names those that it takes the place of. Of two made without knowledge of each
other both stand, so that neither counts without a word; which, follows from the entries alone, in whatever order they
arrive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .entries import Entry, EntryKind

#: What is answered (a kind of entry), and where: the parts of its data that name the place.
ChoicePlace = tuple[EntryKind, tuple[str, ...]]

_PLACED_BY: Mapping[EntryKind, tuple[str, ...]] = {
    EntryKind.COMPLETENESS_CHECKED: (),
    EntryKind.SCORE_RECORDED: ("criterion",),
    EntryKind.NO_EVIDENCE_DECLARED: ("criterion",),
    EntryKind.EARLIER_STEP_MARKED: ("criterion",),
    EntryKind.ANCHOR_NAMED: ("anchor",),
    EntryKind.ANCHOR_MOVED: ("anchor",),
    EntryKind.CHECK_KEPT: ("check", "subject"),
    EntryKind.FINDING_JUDGED: ("artifact",),
    EntryKind.UPTAKE_MARKED: ("note",),
    EntryKind.FEEDBACK_CHOSEN: ("criterion",),
}
#: Where the criterion stands first in the place.
_OF_CRITERIA = frozenset(
    {
        EntryKind.SCORE_RECORDED,
        EntryKind.NO_EVIDENCE_DECLARED,
        EntryKind.EARLIER_STEP_MARKED,
        EntryKind.FEEDBACK_CHOSEN,
    }
)
OF_ANCHORS = frozenset({EntryKind.ANCHOR_NAMED, EntryKind.ANCHOR_MOVED})
#: What names the entries that it takes the place of. An anchor is placed under a name.
REPLACING = frozenset({EntryKind.TEXT_WRITTEN, EntryKind.ANCHOR_PLACED, *_PLACED_BY})


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer, by the entry that gave it; `device` says where, `at` when (aware UTC)."""

    entry_id: str
    data: Mapping[str, Any]
    device: str
    at: datetime
    kind: EntryKind

    @property
    def says(self) -> tuple[Any, ...]:
        """What it answers, without where: alike for two that are no dispute."""
        match self.kind:
            case EntryKind.COMPLETENESS_CHECKED:
                return list(self.data["incomplete"]), list(self.data.get("missing_parts") or ())
            case EntryKind.FINDING_JUDGED:
                return (self.data["judged"],)
            case EntryKind.ANCHOR_PLACED:
                return (self.data["anchor"].get("note", ""),)
            case kind:
                where = {*_PLACED_BY[kind], "replaces", "by"}
                return tuple(self.data[name] for name in sorted(self.data) if name not in where)


def place_of(entry: Entry) -> ChoicePlace | None:
    """Where an entry gives its answer; None for one that takes the place of nothing."""
    if entry.kind is EntryKind.ANCHOR_PLACED:
        return EntryKind.ANCHOR_NAMED, (str(entry.data["anchor"]["id"]),)
    named = _PLACED_BY.get(entry.kind)
    if named is None:
        return None
    where = tuple(str(entry.data[one]) for one in named)
    if entry.kind is EntryKind.FINDING_JUDGED:
        where = (*where, str(entry.data["finding"]["id"]))
    return entry.kind, where


def choice_of(entry: Entry) -> Choice:
    """The answer that an entry gives."""
    return Choice(entry.id, entry.data, entry.device, entry.at, entry.kind)


def differ(choices: Sequence[Choice]) -> bool:
    """Whether choices of one place answer differently."""
    return any(one.says != choices[0].says for one in choices[1:])


def criterion_of(place: ChoicePlace, criteria: Iterable[str] = ()) -> str:
    """The criterion that a place belongs to, empty where it belongs to the whole.

    A finding that was kept has a criterion or something else for its subject: `criteria` says which are.
    """
    kind, where = place
    if kind in _OF_CRITERIA:
        return where[0]
    return where[1] if kind is EntryKind.CHECK_KEPT and where[1] in set(criteria) else ""
