"""What is recorded when a person says which of two texts stays. Imported when it is: the inbox is shown without it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

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


def _standing(standing: Standing, field: TextField, criterion: str) -> tuple[Wording, ...]:
    stand = standing.sheet.wordings.get((field, criterion), ())
    if not in_dispute(stand):
        raise Refused(f"There are no two texts under {TITLES[field].lower()} to choose from")
    return stand
