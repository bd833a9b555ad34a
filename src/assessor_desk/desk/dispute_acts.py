"""What is recorded when a person says which of two texts or answers stays. Imported then: the inbox shows without."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from assessor_desk.domain.choices import Choice
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.review import TITLES, EntryKind, TextField
from assessor_desk.domain.wordings import Wording, in_dispute, joined

if TYPE_CHECKING:
    from assessor_desk.desk.acts import Act, Told
    from assessor_desk.desk.standing import Standing


def choose(field: TextField, words: str | None, criterion: str) -> Act:
    """`words` take the place of all that stand there; None keeps them all, one after the other."""

    def act(standing: Standing) -> Sequence[Told]:
        stand = _standing(standing, field, criterion)
        data: dict[str, Any] = {
            "field": field.value, "criterion": criterion, "text": joined(stand) if words is None else words,
            "replaces": [one.entry_id for one in stand],
        }  # fmt: skip
        return [(EntryKind.TEXT_WRITTEN, data)]

    return act


def keep_choice(entry_id: str) -> Act:
    """The answer that an entry gave takes the place of all that stand beside it."""

    def act(standing: Standing) -> Sequence[Told]:
        for (kind, where), stand in standing.sheet.chosen_twice.items():
            kept = next((one for one in stand if one.entry_id == entry_id), None)
            if kept is not None:
                replaced = [one.entry_id for one in stand]
                return [(kind, {**_as_answered(kind, where, kept, standing), "replaces": replaced})]
        raise Refused("That was settled already: one answer stands there")

    return act


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
