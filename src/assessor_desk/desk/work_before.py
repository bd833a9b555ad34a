"""What the person wrote under another assignment of a submission than the one that stands now: kept, read, exported.

A source may take an assignment back and later give another of the same submission, for another purpose for example.
That begins anew; what was written under the one before stays as it was set aside.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.desk.room import Room

if TYPE_CHECKING:
    from assessor_desk.desk.answers import Case
    from assessor_desk.desk.standing import Standing


class WorkBefore(Room):
    """Looking at it, and taking copies. Nothing of it can be changed."""

    def work_before(self, submission_id: str) -> tuple[Case, ...]:
        """One case for each assignment before that the person wrote under, the oldest first; none for most.

        `aside_for` says why it was taken back, None where it stands too. Raises Refused for an unknown submission.
        """
        return tuple(standing.case({}) for standing in self._stood_before(submission_id))

    def export_work_before(self, submission_id: str, out: Path) -> list[Path]:
        """Write each of these as a table into the folder `out`, as `export` does with `csv`; it is recorded.

        With the private notes, since these are the person's own. Raises Refused where there is none, Unavailable where
        `out` cannot be written.
        """
        from assessor_desk.desk.exporting import export_tables

        return export_tables(self._pen, submission_id, self._stood_before(submission_id), out)

    def _stood_before(self, submission_id: str) -> list[Standing]:
        from assessor_desk.desk.standing import Standing

        pen, now = self._pen, self._clock()
        with self.store.reading() as view:
            others = pen.look(view, submission_id).worked_before
            return [Standing.of(view, pen.shelf, submission_id, now, one) for one in others]
