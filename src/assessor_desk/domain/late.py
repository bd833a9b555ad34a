"""What one device wrote into a review that another had sealed meanwhile: it opens the next revision (DESIGN §2).

Every device works this out for itself from the same entries, so what a revision begins with has ids that follow from
it: whoever opened it, and however often, it is the same.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

from .choices import REPLACING
from .review import (
    CARRIED,
    Entry,
    EntryKind,
    Review,
    fold,
    in_order,
    replaced_by,
    standing_seals,
    undone_steps,
)

_SPACE = UUID("5d1f7f2e-30b3-4d0e-9d36-3a6f0c9a8e11")
#: What changes nothing that a packet states: alone it opens no revision.
_BESIDE = frozenset({EntryKind.VERSION_SEEN, EntryKind.COPY_EXPORTED, EntryKind.EVIDENCE_SHOWN})
_OF_SEALS = frozenset({EntryKind.SEALED, EntryKind.SEAL_WITHDRAWN})


def late_entries(entries: Iterable[Entry]) -> list[Entry]:
    """What belongs into the next revision, in order; empty while it cannot be told.

    That is while there is no seal or more than one, and while entries that it covers have not arrived. Undoing what was
    sealed changes nothing any more.
    """
    ordered = in_order(entries)
    seals = standing_seals(ordered)
    covers = set(seals[0].data["covers"]) if len(seals) == 1 else set()
    if not covers or not covers <= {one.id for one in ordered}:
        return []
    left = [one for one in ordered if one.id not in covers and one.kind not in _OF_SEALS]
    steps = {one.step for one in left}
    late = [one for one in left if not one.carried and one.data.get("undoes", one.step) in steps]
    undone = undone_steps(late)
    told = any(
        one.kind not in _BESIDE and one.step not in undone and "undoes" not in one.data for one in late
    )
    return late if told else []


def carried_id(revision: str, packet: str, place: int) -> str:
    """The id of the entry at a place among those that a revision begins with, carried over from a packet.

    Corrections of one review may be begun from two seals that did not know of each other: all of both is there then.
    Without a packet it is the id that such an entry had when none was named.
    """
    return str(
        uuid5(_SPACE, f"{revision} {CARRIED} {packet} {place}" if packet else f"{revision} {CARRIED} {place}")
    )


def carried_over(
    revision: str,
    sealed: Review,
    told: Sequence[tuple[EntryKind, Mapping[str, Any]]],
    there: Container[str] = (),
) -> list[Entry]:
    """What a revision begins with, as `told` of the sealed review before it; the same on every device.

    `there` are the ids of what the revision has: begun before ids named the packet, it goes on with those that it has.
    Raises ValueError where the review is not sealed.
    """
    if sealed.seal is None:
        raise ValueError("only a sealed review is carried over")
    packet = "" if carried_id(revision, "", 0) in there else sealed.seal.packet_digest
    step, at = f"{CARRIED} {revision}", sealed.seal.at
    return [
        Entry(
            carried_id(revision, packet, place),
            revision,
            kind,
            _replacing_nothing(kind, data),
            at,
            "",
            place,
            step,
        )
        for place, (kind, data) in enumerate(told)
    ]


def taken_over(revision: str, entries: Iterable[Entry], carried: Iterable[Entry]) -> list[Entry]:
    """The late entries of a sealed review as entries of the next revision; the same on every device.

    What saw the sealed text or choice replaces it; of one that did not, both stand.
    """
    ordered = in_order(entries)
    late = late_entries(ordered)
    sealed = fold("", ordered)
    known = {one.id: _late_id(revision, one) for one in late}
    for one in carried:
        known |= dict.fromkeys(replaced_by(sealed, one), one.id)
    return [
        replace(one, id=known[one.id], review_id=revision, data=_told_of_new_names(one, known))
        for one in late
    ]


def _late_id(revision: str, entry: Entry) -> str:
    return str(uuid5(_SPACE, f"{revision} late {entry.id}"))


def _told_of_new_names(entry: Entry, known: Mapping[str, str]) -> Mapping[str, Any]:
    if entry.kind is not EntryKind.TEXT_WRITTEN and "replaces" not in entry.data:
        return entry.data
    before = entry.data.get("replaces") or ()
    return {**entry.data, "replaces": [known[one] for one in before if one in known]}


def _replacing_nothing(kind: EntryKind, data: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**data, "replaces": []} if kind in REPLACING else data
