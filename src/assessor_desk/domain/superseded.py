"""Which words of a sealed review stand in it no longer: typed over, undone, or of an anchor that was removed.

A policy says how long such earlier wordings live (DESIGN §2). Without them the fold of the entries is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .review import Entry, EntryKind, in_order, under_seal, undone_steps


def superseded_words(entries: Iterable[Entry]) -> list[str]:
    """Ids of the entries of one review whose words do not stand; those whose words were dropped already among them.

    What came after the seal has its words in the next revision, and is not looked at.
    """
    ordered = under_seal(entries) or in_order(entries)
    undone = undone_steps(ordered)
    standing: dict[tuple[str, ...], str] = {}
    for entry in ordered:
        if entry.step in undone:
            continue
        for place in _places(entry):
            standing[place] = entry.id
        if entry.kind is EntryKind.ANCHOR_REMOVED:
            standing.pop(("anchor", entry.data["anchor"]), None)
    kept = set(standing.values())
    return [entry.id for entry in ordered if entry.id not in kept and any(_places(entry))]


def _places(entry: Entry) -> Iterator[tuple[str, ...]]:
    """What an entry gives words to, if anything."""
    match entry.kind:
        case EntryKind.TEXT_WRITTEN:
            yield "text", entry.data["field"], entry.data["criterion"]
        case EntryKind.ANCHOR_PLACED:
            yield "anchor", entry.data["anchor"]["id"]
        case EntryKind.ANCHOR_NAMED:
            yield "anchor", entry.data["anchor"]
