"""What a reviewer takes from many decisions together: the use cases, as a part of `Desk`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.desk.room import Room

if TYPE_CHECKING:
    from assessor_desk.desk.choosing import Choices, CohortOutlook, GatheringOutlook
    from assessor_desk.desk.selections import Gathering, GatheringProgress
    from assessor_desk.domain.cohort import Recipient, Selection

_CHOSEN = "chosen for"


class FromMany(Room):
    """Reports on cohorts, copies of many packets, decisions and reports. All of it blocks: call it on a side lane."""

    def decided(self, selection: Selection | None = None) -> list[str]:
        """The submissions that are decided, all or those of a selection, in the order in which they were.

        Raises Refused where nothing is decided, and for a micro-credential or district of which nothing is.
        """
        from assessor_desk.desk.selections import selected
        from assessor_desk.domain.cohort import Selection

        return selected(self._pen, selection or Selection())

    def cohort_report(
        self,
        out: Path,
        selection: Selection | None = None,
        recipient: Recipient | None = None,
        formats: Iterable[str] | None = None,
        progress: Callable[[int, int], None] = lambda done, total: None,
        stop: threading.Event | None = None,
    ) -> list[Path]:
        """Write the report on a selection (all that is decided) for a recipient (the programme) into `out`.

        In all formats of `CohortFormat` or in these; it is recorded. It shows no more than the policies of the
        selection let its recipient see. Stopped before all are made, nothing is written and the answer is
        empty. Raises Refused as `decided`, and for an unknown format; Unavailable where `out`
        cannot be written.
        """
        from assessor_desk.desk.cohort import cohort_report
        from assessor_desk.domain.cohort import Recipient, Selection
        from assessor_desk.domain.exports import CohortFormat

        return cohort_report(
            self._pen, selection or Selection(), recipient or Recipient(), out, formats or CohortFormat, progress,
            stop or threading.Event(),
        )  # fmt: skip

    def preview_cohort(self, selection: Selection, recipient: Recipient) -> bytes:
        """The report on a selection for a recipient as a PDF that is kept nowhere. Raises Refused as
        `cohort_report`."""
        from assessor_desk.desk.cohort import preview

        return preview(self._pen, selection, recipient)

    def cohort_outlook(self, selection: Selection, recipient: Recipient) -> CohortOutlook:
        """What a report on a selection would cover for a recipient, and hide. Raises Refused as
        `cohort_report`."""
        from assessor_desk.desk.cohort import outlook

        return outlook(self._pen, selection, recipient)

    def choices(self) -> Choices:
        """What there is to choose from for reports and exports of many: empty where nothing is decided."""
        from assessor_desk.desk.cohort import choices

        return choices(self._pen)

    def kept_choices(self, purpose: str) -> dict[str, Any]:
        """What was chosen last for a purpose; empty before it ever was. Kept with the submissions, as it
        names some."""
        kept: dict[str, Any] = self.store.fact(f"{_CHOSEN} {purpose}", {})
        return kept

    def keep_choices(self, purpose: str, chosen: Mapping[str, Any]) -> None:
        """Remember what was chosen, as JSON has it."""
        self.store.set_fact(f"{_CHOSEN} {purpose}", dict(chosen))

    def gathering_outlook(self, selection: Selection) -> GatheringOutlook:
        """What an export of a selection would bring. Raises Refused as `decided`."""
        from assessor_desk.desk.selections import outlook

        return outlook(self._pen, selection)

    def export_selection(
        self,
        submission_ids: Sequence[str],
        out: Path,
        what: Iterable[str] | None = None,
        progress: Callable[[GatheringProgress], None] = lambda _: None,
        stop: threading.Event | None = None,
        before: Gathering | None = None,
    ) -> Gathering:
        """Copies of these submissions' packets, decisions and reports, or of what `what` names of `Gathered`.

        Each kind goes into a folder of its name within `out`, and is recorded. What there is not is told in the
        answer. `before` is what a run that was stopped answered: it is gone on with, and the answer is of
        both. Raises Refused for an unknown kind, Unavailable where `out` cannot be written.
        """
        from assessor_desk.desk.selections import export_selection
        from assessor_desk.domain.exports import Gathered

        stopping = stop or threading.Event()
        return export_selection(
            self._pen, self.vault, submission_ids, out, what or Gathered, progress, stopping, before
        )
