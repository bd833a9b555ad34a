"""What is recorded when a person says which of two texts or answers stays. Imported then: the inbox shows without."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from assessor_desk.domain.choices import Choice
from assessor_desk.domain.errors import ChangedElsewhere, Refused
from assessor_desk.domain.review import TITLES, EntryKind, TextField
from assessor_desk.domain.wordings import Wording, in_dispute, joined

if TYPE_CHECKING:
    from assessor_desk.desk.acts import Act, Told
    from assessor_desk.desk.standing import Standing

_Said = TypeVar("_Said", Wording, Choice)


def choose(field: TextField, words: str | None, criterion: str, shown: Collection[str] | None) -> Act:
    """`words` take the place of the texts shown; None keeps those, one after the other. Shown None: all that stand.

    A text that came in since, which nobody has seen, stands on beside it.
    """

    def act(standing: Standing) -> Sequence[Told]:
        stand = _standing(standing, field, criterion)
        seen = _seen(stand, shown)
        data: dict[str, Any] = {
            "field": field.value, "criterion": criterion, "text": joined(seen) if words is None else words,
            "replaces": [one.entry_id for one in seen],
        }  # fmt: skip
        return [(EntryKind.TEXT_WRITTEN, data)]

    return act


def keep_choice(entry_id: str, shown: Collection[str] | None) -> Act:
    """The answer that an entry gave takes the place of those shown beside it; shown None: of all that stand."""

    def act(standing: Standing) -> Sequence[Told]:
        for (kind, where), stand in standing.sheet.chosen_twice.items():
            kept = next((one for one in stand if one.entry_id == entry_id), None)
            if kept is not None:
                replaced = [one.entry_id for one in _seen(stand, shown)]
                return [(kind, {**_as_answered(kind, where, kept, standing), "replaces": replaced})]
        if standing.sheet.chosen_twice:
            raise ChangedElsewhere(
                "What was answered there changed meanwhile. Look at it again, and choose then"
            )
        raise Refused("That was settled already: one answer stands there")

    return act


def _seen(stand: Sequence[_Said], shown: Collection[str] | None) -> list[_Said]:
    """What of it the person saw. Raises ChangedElsewhere where nothing that was shown stands any more."""
    seen = [one for one in stand if shown is None or one.entry_id in shown]
    if not seen:
        raise ChangedElsewhere("What stands there changed meanwhile. Look at it again, and choose then")
    return seen


def _as_answered(kind: EntryKind, where: tuple[str, ...], kept: Choice, standing: Standing) -> dict[str, Any]:
    """What the entry answered, as far as it can still be answered. Raises Refused for a level that is gone."""
    if kind is EntryKind.ANCHOR_NAMED:
        return {"anchor": where[0], "note": kept.says[0]}
    if kind is EntryKind.SCORE_RECORDED and kept.data["level"] is not None:
        standing.rubric.criterion(where[0]).level(kept.data["level"])
        return {**kept.data, "by": standing.rubric.version}
    return dict(kept.data)


def _standing(standing: Standing, field: TextField, criterion: str) -> tuple[Wording, ...]:
    stand = standing.sheet.wordings.get((field, criterion), ())
    if not in_dispute(stand):
        raise Refused(f"There are no two texts under {TITLES[field].lower()} to choose from")
    return stand
