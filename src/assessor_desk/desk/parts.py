"""Parts of the desk's use cases beside assessing and deciding, each a class of its own that `Desk` takes on.

Like the desk itself: every mutating call returns `Changes`, and raises a `DeskError` with nothing changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.desk.changes import Changes
from assessor_desk.desk.room import Room

if TYPE_CHECKING:
    from assessor_desk.desk.evidence import Evidence
    from assessor_desk.desk.notes_files import NotesFiles
    from assessor_desk.domain.coaching import Uptake


class Coaching(Room):
    """What a coach does beyond writing on a draft."""

    def mark_uptake(self, submission_id: str, note: str, uptake: Uptake | None) -> Changes:
        """Say what the educator made of a note on the draft before, by its `note_key`; None takes that back."""
        from assessor_desk.desk import acts

        return self._pen.act(submission_id, acts.mark_uptake(note, uptake))

    def hand_back_notes(self, submission_id: str) -> Changes:
        """Hand the notes on a draft back: they wait, encrypted, to be sent. May be done again after changes.

        Raises Refused, with nothing changed, where there are none or a check stands in the way, naming it.
        """
        from assessor_desk.desk.coaching import hand_back

        with self._upkeep.seals:
            return hand_back(self._pen, submission_id, self._place.outbox)

    def export_notes(self, submission_id: str, out: Path, formats: Sequence[str] | None = None) -> NotesFiles:
        """Write the notes that went back as files into `out`: all of `NotesFormat`, or these. It is recorded.

        An educator's file that takes no notes is told in the answer. Raises Refused before the notes went back,
        Unavailable where `out` cannot be written. Blocks; call it on a side lane.
        """
        from assessor_desk.desk.evidence import evidence_of
        from assessor_desk.desk.notes_files import export_notes
        from assessor_desk.domain.exports import NotesFormat

        def evidence(artifact_id: str) -> Evidence:
            return evidence_of(
                self.store, self.vault, self._readers, self._upkeep.opened, submission_id, artifact_id
            )

        return export_notes(self._pen, evidence, submission_id, out, formats or tuple(NotesFormat))
