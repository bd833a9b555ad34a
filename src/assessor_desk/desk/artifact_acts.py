"""What a person does about artifacts before and beside assessing: judging what was found, asking for originals."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.desk.room import Room

if TYPE_CHECKING:
    from assessor_desk.desk.examining import Examining
    from assessor_desk.domain.preflight import Judged
    from assessor_desk.domain.renditions import Shown


class AboutArtifacts(Room):
    """Findings of the pre-flight, and renditions of recordings."""

    def judge_finding(
        self, submission_id: str, artifact_id: str, finding_id: str, judged: Judged | None
    ) -> Changes:
        """Accept or dismiss what was found in an artifact; None takes that back.

        Raises Refused where no such thing was found, and once the review is sealed.
        """
        from assessor_desk.desk.examining import judge_finding

        return self._pen.act(submission_id, judge_finding(artifact_id, finding_id, judged))

    def note_shown(self, submission_id: str, artifact_id: str, shown: Shown) -> Changes:
        """What of a recording was looked at, its original or a rendition: said in the review, once."""
        from assessor_desk.desk.examining import note_shown

        case = self._pen.known(submission_id)
        if case is not None and (case.sheet.closed or case.set_aside):
            return Changes()
        return self._pen.act(submission_id, note_shown(artifact_id, shown))

    def ask_for_original(self, submission_id: str, artifact_id: str) -> Changes:
        """Want a recording of which a small rendition is here: `fetch_original` fetches it, or else the next round.

        Raises Refused where it is here already or was taken away.
        """
        from assessor_desk.desk.examining import refuse_unless_later

        with self.store.reading() as view:
            refuse_unless_later(self._pen.look(view, submission_id), artifact_id)
        self.store.ask_for_original(submission_id, artifact_id)
        return Changes.of(Kind.INBOX, Kind.LEDGER, Kind.REVIEW, submission=submission_id)

    def fetch_original(
        self,
        submission_id: str,
        artifact_id: str,
        told: Callable[[int, int], None] = lambda _here, _of: None,
        stop: threading.Event | None = None,
    ) -> bool:
        """Fetch a recording that was asked for, now; whether it is here. Blocks: call it on a side lane.

        `told` hears how many bytes of how many came. `stop` ends it soon, and it stays wanted, as it does where
        Unavailable is raised because the source cannot be reached: a later round goes on where this ended.
        """
        from assessor_desk.desk.originals import Original

        stop = stop or threading.Event()
        return Original(self._surroundings, submission_id, artifact_id, told, stop).fetch()

    def bring_here(
        self,
        submission_id: str,
        artifact_id: str,
        told: Callable[[int, int], None] = lambda _here, _of: None,
        stop: threading.Event | None = None,
    ) -> bool:
        """Fetch one artifact that is not here now, as one whose space was freed; whether it is. Blocks as
        `fetch_original`, and ends as that.

        Of a recording that has a small copy the copy is brought; its captions come with it. Raises Refused where it was
        taken away, or there is none such.
        """
        from assessor_desk.desk.originals import Original, pieces_of

        stop = stop or threading.Event()
        desk, here = self._surroundings, True
        for own_id in pieces_of(self.store, submission_id, artifact_id):
            self.store.ask_for_original(submission_id, own_id)
            here = here and Original(desk, submission_id, own_id, told, stop).fetch()
        return here

    def give_up_original(self, submission_id: str, artifact_id: str) -> Changes:
        """Want a recording no longer; a download of it under way ends soon."""
        from assessor_desk.desk.originals import give_up

        give_up(self._surroundings, submission_id, artifact_id)
        return Changes.of(Kind.INBOX, Kind.LEDGER, Kind.REVIEW, submission=submission_id)

    def examine(
        self, stop: threading.Event | None = None, told: Callable[[str], None] = lambda _: None
    ) -> Changes:
        """Look through artifacts that came and were not looked at yet; `told` the submission after each.

        A recording that cannot be played reliably gets a rendition that can. Blocks, for as long as that takes: call it
        on a side lane. `stop` ends it soon; what is left is looked at the next time.
        """
        looked: list[str] = []

        def note(submission_id: str) -> None:
            looked.append(submission_id)
            told(submission_id)

        self._examining(stop).examine(note)
        return Changes(frozenset(looked), frozenset({Kind.REVIEW}) if looked else frozenset())

    def look_again(self, submission_id: str, artifact_id: str) -> Changes:
        """Look once more at an artifact whose reader took too long or ended, now and with twice the time.

        `examine` does so once of itself. Raises Refused for one that was looked through. Blocks: use a side lane.
        """
        self._examining().look_again(submission_id, artifact_id)
        return Changes.of(Kind.REVIEW, submission=submission_id)

    def _examining(self, stop: threading.Event | None = None) -> Examining:
        from assessor_desk.desk.examining import Examining

        return Examining(self.store, self.vault, self._upkeep.opened, stop or threading.Event())
