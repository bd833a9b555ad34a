"""Where two computers wrote or chose without seeing each other: which text or answer stays is for the person to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assessor_desk.desk.changes import Changes
from assessor_desk.desk.later import Later
from assessor_desk.desk.room import Room

if TYPE_CHECKING:
    from assessor_desk.desk import dispute_acts
    from assessor_desk.domain.review import TextField
else:
    dispute_acts = Later("assessor_desk.desk.dispute_acts")


class Disputes(Room):
    """Choosing between texts, and between answers. It is a step, and can be undone as any other."""

    def choose_text(self, submission_id: str, field: TextField, text: str, criterion: str = "") -> Changes:
        """Let `text` stand where two did: one of them, or another. Raises Refused where there are no two."""
        return self._pen.act(submission_id, dispute_acts.choose(field, text, criterion))

    def keep_both_texts(self, submission_id: str, field: TextField, criterion: str = "") -> Changes:
        """Let both stand, one after the other, as one text. Raises Refused where there are no two."""
        return self._pen.act(submission_id, dispute_acts.choose(field, None, criterion))

    def keep_choice(self, submission_id: str, entry_id: str) -> Changes:
        """Let the answer stand that this entry gave, of those in `Sheet.chosen_twice`. Raises Refused once settled."""
        return self._pen.act(submission_id, dispute_acts.keep_choice(entry_id))

    def device_titles(self) -> dict[str, str]:
        """What the person calls their computers, by the name that entries have of them; this one among them."""
        titles = {self.store.device: "this computer"}
        for source in self.store.fact("sources", []):
            kept = self.store.fact(f"devices {source['identity']}")
            if kept is not None:
                others = {name: told[0] for name, told in kept["companions"].items()}
                titles = {**others, **titles}
        return titles
