"""What is written into a copy of a file, and what comes back: plain values that both sides of the pipe know."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from assessor_desk.domain.anchor import Selector, TextQuote, from_json, to_json, words
from assessor_desk.domain.handed_notes import HandedNotes

AUTHOR = "Coach"
SUBJECT = "Note on a draft, not an assessment"
WITHOUT_WORDS = "Marked without words."


@dataclass(frozen=True, slots=True)
class Marking:
    """One note: its place and its words."""

    id: str
    selector: Selector
    words: str


@dataclass(frozen=True, slots=True)
class Annotated:
    """A copy with notes. `displaced` are the ids of those whose place was not found; each says so where it is."""

    content: bytes
    displaced: tuple[str, ...] = ()


def markings_of(notes: HandedNotes, artifact_id: str) -> tuple[Marking, ...]:
    """What a coach noted in one artifact, with the criteria that each note speaks of."""
    return tuple(
        Marking(one.anchor.id, one.anchor.selector, _said(one.anchor.note, _criteria(notes, one.anchor.id)))
        for one in notes.on(artifact_id)
    )


def annotated_name(name: str) -> str:
    """The copy's file name: “plan.pdf” becomes “plan - with notes.pdf”."""
    path = PurePath(name)
    return f"{path.stem} - with notes{path.suffix}"


def not_found(marking: Marking, where: str) -> str:
    """The words of a note whose place was not found: where it was meant to be, then what it says."""
    meant = marking.selector.exact if isinstance(marking.selector, TextQuote) else words(marking.selector)
    return f"{where}: “{' '.join(meant.split())}”.\n{marking.words}"


def to_pipe(markings: Sequence[Marking]) -> list[dict[str, Any]]:
    """As plain data; `from_pipe` is its inverse."""
    return [{"id": one.id, "selector": to_json(one.selector), "words": one.words} for one in markings]


def from_pipe(data: Sequence[Mapping[str, Any]]) -> tuple[Marking, ...]:
    """The markings that `to_pipe` made plain."""
    return tuple(Marking(one["id"], from_json(one["selector"]), one["words"]) for one in data)


def _criteria(notes: HandedNotes, anchor_id: str) -> str:
    return "; ".join(criterion.title for criterion in notes.criteria_citing(anchor_id))


def _said(note: str, criteria: str) -> str:
    said = _writable(note).strip() or WITHOUT_WORDS
    return f"{said}\nOn: {criteria}" if criteria else said


def _writable(text: str) -> str:
    """Without control characters and halves of characters, which neither PDF readers nor XML admit."""
    return "".join(one for one in text if one in "\n\t" or not _never(one))


def _never(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs") or character in "\ufffe\uffff"
