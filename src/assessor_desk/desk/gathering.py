"""What a reviewer takes from many decisions together: the use cases, as a part of `Desk`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.desk.room import Room

if TYPE_CHECKING:
    from assessor_desk.desk.selections import Gathering, GatheringProgress
    from assessor_desk.domain.cohort import Recipient, Selection


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
    ) -> list[Path]:
        """Write the report on a selection (all that is decided) for a recipient (the programme) into `out`.

        In all formats of `CohortFormat` or in these; it is recorded. It shows no more than the policies of the
        selection let its recipient see. Raises Refused as `decided`, and for an unknown format; Unavailable where `out`
        cannot be written.
        """
        from assessor_desk.desk.cohort import cohort_report
        from assessor_desk.domain.cohort import Recipient, Selection
        from assessor_desk.domain.exports import CohortFormat

        return cohort_report(
            self._pen, selection or Selection(), recipient or Recipient(), out, formats or CohortFormat
        )

    def export_selection(
        self,
        submission_ids: Sequence[str],
        out: Path,
        what: Iterable[str] | None = None,
        progress: Callable[[GatheringProgress], None] = lambda _: None,
        stop: threading.Event | None = None,
    ) -> Gathering:
        """Copies of these submissions' packets, decisions and reports, or of what `what` names of `Gathered`.

        Each kind goes into a folder of its name within `out`, and is recorded. What there is not is told in the
        answer. Raises Refused for an unknown kind, Unavailable where `out` cannot be written.
        """
        from assessor_desk.desk.selections import export_selection
        from assessor_desk.domain.exports import Gathered

        stopping = stop or threading.Event()
        return export_selection(
            self._pen, self.vault, submission_ids, out, what or Gathered, progress, stopping
        )
