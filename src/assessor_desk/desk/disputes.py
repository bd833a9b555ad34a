"""Where two computers wrote into one place without seeing each other: which text stays is for the person to say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from assessor_desk.desk.changes import Changes
from assessor_desk.desk.room import Room
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


class Disputes(Room):
    """Choosing between texts. It is a step, and can be undone as any other."""

    def choose_text(self, submission_id: str, field: TextField, text: str, criterion: str = "") -> Changes:
        """Let `text` stand where two did: one of them, or another. Raises Refused where there are no two."""
        return self._pen.act(submission_id, choose(field, text, criterion))

    def keep_both_texts(self, submission_id: str, field: TextField, criterion: str = "") -> Changes:
        """Let both stand, one after the other, as one text. Raises Refused where there are no two."""
        return self._pen.act(submission_id, choose(field, None, criterion))

    def device_titles(self) -> dict[str, str]:
        """What the person calls their computers, by the name that entries have of them; this one among them."""
        titles = {self.store.device: "this computer"}
        for source in self.store.fact("sources", []):
            kept = self.store.fact(f"devices {source['identity']}")
            if kept is not None:
                others = {name: told[0] for name, told in kept["companions"].items()}
                titles = {**others, **titles}
        return titles
