"""Whether undo and redo would go by what another of the person's computers did and was not shown here yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assessor_desk.domain.review import EntryKind, in_order

if TYPE_CHECKING:
    from assessor_desk.domain.review import Entry


def undone_unseen(entries: Sequence[Entry], step: str, shown: str, device: str) -> bool:
    """Whether undoing `step` would go by what another device than `device` did after `shown` was the latest.

    That is a step of its own or one that it brought back, which comes later; or it took back the one shown itself.
    """
    steps = [one.step for one in in_order(entries)]
    theirs = all(one.device != device for one in entries if one.step == step)
    theirs = theirs or _turned(entries, step, EntryKind.REDONE, device) >= 0
    later = step in steps[steps.index(shown) + 1 if shown in steps else 0 :]
    return step != shown and ((theirs and later) or _turned(entries, shown, EntryKind.UNDONE, device) >= 0)


def redone_unseen(entries: Sequence[Entry], step: str, shown: str, device: str) -> bool:
    """Whether redoing `step` would go by what another device did after `shown` was what redo would bring back.

    That is an undo of its own, which comes later; or it brought back the one shown itself.
    """
    later = _turned(entries, step, EntryKind.UNDONE, device) > _turned(entries, shown)
    return step != shown and (later or _turned(entries, shown, EntryKind.REDONE, device) >= 0)


def _turned(entries: Sequence[Entry], step: str, how: EntryKind | None = None, but: str = "") -> int:
    """Where in order a step was last undone or brought back; -1 where never, or last not so, or by that device."""
    found = -1
    for place, one in enumerate(in_order(entries)):
        if one.kind in (EntryKind.UNDONE, EntryKind.REDONE) and one.data["undoes"] == step:
            found = place if (how is None or one.kind is how) and (not but or one.device != but) else -1
    return found
