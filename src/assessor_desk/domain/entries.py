"""Entries: what a person did, appended and never changed; in which order they count and which of them stand.

Undo and redo are entries too. Acts made together share a `step` and are undone together. Entries of two devices merge
as a union, ordered by Lamport counter and then device, so that both compute the same.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from .text_fields import TextField


class EntryKind(StrEnum):
    """What a person did."""

    COMPLETENESS_CHECKED = "completeness_checked"
    SCORE_RECORDED = "score_recorded"
    TEXT_WRITTEN = "text_written"
    ANCHOR_PLACED = "anchor_placed"
    ANCHOR_NAMED = "anchor_named"
    ANCHOR_MOVED = "anchor_moved"
    ANCHOR_REMOVED = "anchor_removed"
    ANCHOR_GIVEN = "anchor_given"
    ANCHOR_TAKEN = "anchor_taken"
    NO_EVIDENCE_DECLARED = "no_evidence_declared"
    COPY_EXPORTED = "copy_exported"
    EARLIER_STEP_MARKED = "earlier_step_marked"
    CHECK_KEPT = "check_kept"
    VERSION_SEEN = "version_seen"
    UNDONE = "undone"
    REDONE = "redone"
    SEALED = "sealed"
    SEAL_WITHDRAWN = "seal_withdrawn"
    FINDING_JUDGED = "finding_judged"
    EVIDENCE_SHOWN = "evidence_shown"
    RUBRIC_MOVED = "rubric_moved"
    # A coach's own (domain.coaching).
    UPTAKE_MARKED = "uptake_marked"
    HANDED_BACK = "handed_back"
    # A reviewer's own (domain.decision).
    BASES_TAKEN = "bases_taken"
    FEEDBACK_CHOSEN = "feedback_chosen"
    DECIDED = "decided"


#: How the step begins of what a revision begins with: what it carries over, and which evidence it looks at.
CARRIED = "carried"

NOT_UNDOABLE = {
    EntryKind.UNDONE,
    EntryKind.REDONE,
    EntryKind.SEALED,
    EntryKind.SEAL_WITHDRAWN,
    EntryKind.VERSION_SEEN,
    EntryKind.COPY_EXPORTED,
    EntryKind.EVIDENCE_SHOWN,
    EntryKind.HANDED_BACK,
    EntryKind.BASES_TAKEN,
    EntryKind.DECIDED,
}

_SPACE = UUID("b0a6a0e5-6f0d-4c53-8a3b-3f1d0c7e52aa")
#: What seals a review, and what a decision; and where each names what was signed.
_SEALS = {EntryKind.SEALED: "packet_digest", EntryKind.DECIDED: "digest"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One act.

    `at` is aware UTC; `counter` is the Lamport counter, `device` breaks ties; `step` groups acts undone
    together.
    """

    id: str
    review_id: str
    kind: EntryKind
    data: Mapping[str, Any]
    at: datetime
    device: str
    counter: int
    step: str

    @property
    def carried(self) -> bool:
        """Whether it says what the revision begins with."""
        return self.step.startswith(CARRIED)

    @property
    def order(self) -> tuple[bool, int, str, str]:
        """The place of this entry among those of all devices: what a revision begins with comes first."""
        return (not self.carried, self.counter, self.device, self.id)


@dataclass(frozen=True, slots=True)
class Draft:
    """Text as it stands in a field while it is being typed; becomes an entry soon after.

    `seen` are the texts (ids of entries) that stood there when typing began; None for a draft from before that counted.
    """

    review_id: str
    field: TextField
    criterion: str
    text: str
    seen: tuple[str, ...] | None = None


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Entries of all devices in the one order that every device computes."""
    return sorted({entry.id: entry for entry in entries}.values(), key=lambda entry: entry.order)


def under_seal(entries: Iterable[Entry]) -> list[Entry] | None:
    """What a sealed review is made of: the entries that its seal names, and the seal. None where there is no seal.

    Of two seals made without knowing of each other the first counts, until it is withdrawn.
    """
    ordered = in_order(entries)
    seal = next(iter(standing_seals(ordered)), None)
    if seal is None:
        return None
    covers = set(seal.data["covers"])
    return [one for one in ordered if one is seal or (one.id in covers if covers else one.order < seal.order)]


def standing_seals(entries: Iterable[Entry]) -> list[Entry]:
    """The seals of a review or a decision that were not withdrawn, in their order."""
    ordered = in_order(entries)
    seals = [one for one in ordered if one.kind in _SEALS]
    there = {seal_digest(one) for one in seals}
    for entry in ordered:
        # One that does not say what was taken is from before that was named.
        if entry.kind is EntryKind.SEAL_WITHDRAWN and entry.data.get("taken") in (None, *there):
            there.discard(entry.data["packet_digest"])
    return [one for one in seals if seal_digest(one) in there]


def seal_withdrawn(seal: Entry, taken: Entry) -> Entry:
    """That of two seals the source took the other; the same on every device, so that more than one may say it.

    It counts while the one that was taken stands: of two that contradict each other the first does, and a seal stays.
    """
    gone, kept = seal_digest(seal), seal_digest(taken)
    own_id = str(uuid5(_SPACE, f"{seal.review_id} {gone} {kept}"))
    told = {"packet_digest": gone, "taken": kept}
    counter = max(seal.counter, taken.counter) + 1
    return Entry(own_id, seal.review_id, EntryKind.SEAL_WITHDRAWN, told, taken.at, "", counter, own_id)


def seal_digest(seal: Entry) -> str:
    """The digest of what a seal signed: a packet, or a decision."""
    return str(seal.data[_SEALS[seal.kind]])


def standing(
    ordered: Iterable[Entry], undone: AbstractSet[str], place_of: Callable[[Entry], Hashable | None]
) -> Iterator[Entry]:
    """Those whose step stands. What replaces something replaces also what that saw and replaced, and was undone since.

    `place_of` says what an entry gives the answer to, or None: what is answered there next replaces it.
    """
    passed: dict[str, tuple[str, ...]] = {}
    before: dict[Hashable, list[str]] = {}
    for entry in ordered:
        if (own := place_of(entry)) is not None:
            place = before.setdefault(own, [])
            told = entry.data.get("replaces")
            replaced = tuple(place if told is None else told)
            if entry.step in undone:
                passed[entry.id] = (*replaced, *(far for one in replaced for far in passed.get(one, ())))
            elif told is not None and any(one in passed for one in replaced):
                more = (far for one in replaced for far in passed.get(one, ()))
                entry = replace(entry, data={**entry.data, "replaces": [*replaced, *more]})
            place.append(entry.id)
        if entry.step not in undone:
            yield entry


def undone_steps(ordered: Iterable[Entry]) -> set[str]:
    """Steps that are undone and not redone.

    Undo and redo entries carry the step they concern in `data["undoes"]`.
    """
    undone: set[str] = set()
    for entry in ordered:
        if entry.kind is EntryKind.UNDONE:
            undone.add(entry.data["undoes"])
        elif entry.kind is EntryKind.REDONE:
            undone.discard(entry.data["undoes"])
    return undone


def undoable_step(entries: Iterable[Entry]) -> str | None:
    """The step that undo would take back: the latest one still standing."""
    ordered = in_order(entries)
    undone = undone_steps(ordered)
    standing = [e.step for e in ordered if e.kind not in NOT_UNDOABLE and e.step not in undone]
    return standing[-1] if standing else None


def redoable_step(entries: Iterable[Entry]) -> str | None:
    """The step that redo would bring back: the last undone one, unless something new was done since."""
    stack: list[str] = []
    for entry in in_order(entries):
        if entry.kind is EntryKind.UNDONE:
            stack.append(entry.data["undoes"])
        elif entry.kind is EntryKind.REDONE:
            stack = [step for step in stack if step != entry.data["undoes"]]
        elif entry.kind not in NOT_UNDOABLE:
            stack = []
    return stack[-1] if stack else None
