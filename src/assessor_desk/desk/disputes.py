"""Where two computers wrote or chose without seeing each other: which text or answer stays is for the person to say."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from assessor_desk.desk.changes import Changes
from assessor_desk.desk.later import Later
from assessor_desk.desk.room import Room

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assessor_desk.desk import dispute_acts
    from assessor_desk.domain.choices import Choice
    from assessor_desk.domain.review import Sheet, TextField
    from assessor_desk.domain.wordings import Wording
else:
    dispute_acts = Later("assessor_desk.desk.dispute_acts")


class Disputes(Room):
    """Choosing between texts, and between answers. It is a step, and can be undone as any other.

    Only what was shown (`having_shown`) loses its place: what came in since stands beside what was kept.
    """

    def having_shown(self, sheet: Sheet) -> AbstractContextManager[None]:
        """What this thread does within was chosen looking at `sheet`: what stands beside that was not seen."""
        return self._pen.having_shown(sheet.stands)

    def beside_unseen(self, shown: Sheet, now: Sheet) -> bool:
        """Whether something done here stands beside what another computer's entry says that came after `shown`."""
        seen = shown.stands
        places: list[Iterable[Wording | Choice]] = [*now.disputed.values(), *now.chosen_twice.values()]
        for stand in places:
            fresh = [one for one in stand if one.entry_id not in seen]
            if len({one.device == self.store.device for one in fresh}) > 1:
                return True
        return False

    def choose_text(self, submission_id: str, field: TextField, text: str, criterion: str = "") -> Changes:
        """Let `text` stand where two did: one of them, or another. Raises Refused where there are no two."""
        return self._choose(submission_id, field, text, criterion)

    def keep_both_texts(self, submission_id: str, field: TextField, criterion: str = "") -> Changes:
        """Let both stand, one after the other, as one text. Raises Refused where there are no two."""
        return self._choose(submission_id, field, None, criterion)

    def _choose(self, submission_id: str, field: TextField, text: str | None, criterion: str) -> Changes:
        act = dispute_acts.choose(field, text, criterion, self._pen.entries_shown)
        return self._pen.act(submission_id, act)

    def keep_choice(self, submission_id: str, entry_id: str) -> Changes:
        """Let the answer stand that this entry gave, of those in `Sheet.chosen_twice`. Raises Refused once settled."""
        act = dispute_acts.keep_choice(entry_id, self._pen.entries_shown)
        return self._pen.act(submission_id, act)

    def device_titles(self) -> dict[str, str]:
        """What the person calls their computers, by the name that entries have of them; this one among them."""
        titles = {self.store.device: "this computer"}
        for source in self.store.fact("sources", []):
            kept = self.store.fact(f"devices {source['identity']}")
            if kept is not None:
                others = {name: told[0] for name, told in kept["companions"].items()}
                titles = {**others, **titles}
        return titles
