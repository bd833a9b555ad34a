"""Two answers at one place, in words: what was answered twice, and what each of them says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .anchor import from_json, words
from .choices import Choice, ChoicePlace
from .coaching import UPTAKE_TITLES, Uptake
from .earlier import ADDRESSED_TITLES, Addressed
from .entries import EntryKind
from .review import Sheet
from .rubric import Rubric
from .submission import reasons_in_words

_TAKEN_BACK, _EMPTY = "Taken back", "(left empty)"


def what_was_chosen(place: ChoicePlace, stand: Sequence[Choice], sheet: Sheet) -> str:
    """What was answered more than once, as a sentence without its full stop."""
    kind, where = place
    number = "Two" if len(stand) == 2 else "Several"
    match kind:
        case EntryKind.SCORE_RECORDED:
            return f"{number} levels were chosen"
        case EntryKind.COMPLETENESS_CHECKED:
            return f"{number} answers were given to the completeness check"
        case EntryKind.NO_EVIDENCE_DECLARED:
            return f"{number} answers say whether evidence was found"
        case EntryKind.EARLIER_STEP_MARKED:
            return f"{number} answers say what became of the earlier next step"
        case EntryKind.ANCHOR_NAMED | EntryKind.ANCHOR_MOVED:
            anchor = sheet.anchor(where[0])
            at = words(anchor.selector) if anchor else "a place"
            if kind is EntryKind.ANCHOR_NAMED:
                return f"{number} lines were written at {at}"
            return f"An anchor at {at} was moved to {number.lower()} places"
        case EntryKind.CHECK_KEPT:
            return f"{number} reasons were given for keeping what {where[0]} found"
        case EntryKind.FEEDBACK_CHOSEN:
            return f"{number} answers say whose feedback goes on"
        case EntryKind.UPTAKE_MARKED:
            return f"{number} answers say what became of an earlier note"
        case _:
            return f"{number} answers were given to what was found in an artifact"


def what_it_says(choice: Choice, rubric: Rubric) -> str:
    """One of the answers, in a few words."""
    data = choice.data
    if choice.kind is EntryKind.SCORE_RECORDED:
        return _level(data["criterion"], data["level"], rubric)
    return _SAYS[choice.kind](data) or _TAKEN_BACK


def _completeness(data: Mapping[str, Any]) -> str:
    reasons = reasons_in_words(data["incomplete"], data.get("missing_parts") or ())
    return f"Incomplete: {'; '.join(reasons)}" if reasons else "Everything is here"


_SAYS: Mapping[EntryKind, Callable[[Mapping[str, Any]], str]] = {
    EntryKind.COMPLETENESS_CHECKED: _completeness,
    EntryKind.NO_EVIDENCE_DECLARED: lambda told: "No evidence found" if told["absent"] else "",
    EntryKind.EARLIER_STEP_MARKED: lambda told: (
        told["addressed"] and ADDRESSED_TITLES[Addressed(told["addressed"])]
    ),
    EntryKind.UPTAKE_MARKED: lambda told: told["uptake"] and UPTAKE_TITLES[Uptake(told["uptake"])],
    EntryKind.ANCHOR_PLACED: lambda told: told["anchor"].get("note") or _EMPTY,
    EntryKind.ANCHOR_NAMED: lambda told: told["note"] or _EMPTY,
    EntryKind.ANCHOR_MOVED: lambda told: words(from_json(told["selector"])),
    EntryKind.CHECK_KEPT: lambda told: str(told["reason"]),
    EntryKind.FEEDBACK_CHOSEN: lambda told: f"Packet {told['packet'][:8]}",
    EntryKind.FINDING_JUDGED: lambda told: str(told["judged"]).capitalize(),
}


def _level(criterion: str, level: str | None, rubric: Rubric) -> str:
    """A level by its title; by its id where the rubric has it no longer."""
    if level is None:
        return _TAKEN_BACK
    found = [
        each.title
        for one in rubric.criteria
        if one.id == criterion
        for each in one.levels
        if each.id == level
    ]
    return found[0] if found else level
