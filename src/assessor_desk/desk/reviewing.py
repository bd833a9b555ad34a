"""What a reviewer does with delivered reviews: a part of the desk that `Desk` takes on (see `desk.parts`)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.desk.changes import Changes
from assessor_desk.desk.room import Room
from assessor_desk.desk.tries import slowed
from assessor_desk.domain.errors import Refused

if TYPE_CHECKING:
    from assessor_desk.desk.answers import SealedPacket
    from assessor_desk.desk.queue import Queue
    from assessor_desk.desk.releasing import ReleaseProgress, ReleaseResult
    from assessor_desk.desk.shown import Shown
    from assessor_desk.store.deciding import Found
    from assessor_desk.verdict import BadgePapers, Verdict


class Deciding(Room):
    """Deciding on delivered reviews, passing them back, releasing reports."""

    def decide_level(self, submission_id: str, criterion: str, level: str | None) -> Changes:
        """Decide the level of a criterion on which reviews differ; None takes that back."""
        from assessor_desk.desk import acts

        return self._pen.act(submission_id, acts.decide_level(criterion, level))

    def choose_feedback(self, submission_id: str, criterion: str, packet: str) -> Changes:
        """Say whose feedback goes to the educator, by the packet's digest; for the whole without a criterion."""
        from assessor_desk.desk import acts

        return self._pen.act(submission_id, acts.choose_feedback(criterion, packet))

    @slowed
    def decide(
        self, submission_id: str, passphrase: str, unheard: bool = False, shown: Shown | None = None
    ) -> SealedPacket:
        """Seal the decision on a submission as it is prepared or adjudicated; it waits, encrypted, to be sent.

        The person's other computers are heard first, as before `Desk.seal_packet`; `unheard` and `shown` as there.
        Raises Refused, with nothing changed, for all that is missing, while a concern stands, and for a wrong
        passphrase.
        """
        if not unheard:
            self._hear_others(submission_id)
        return self._decide(submission_id, passphrase, None, shown)

    @slowed
    def pass_back(
        self,
        submission_id: str,
        reason: str,
        passphrase: str,
        unheard: bool = False,
        shown: Shown | None = None,
    ) -> SealedPacket:
        """Send the sealed review back to its assessor, who reads the `reason` word for word. As `decide` otherwise.

        With `shown` it takes no reason's place that came since, and is not sent while another stands beside it.
        """
        from assessor_desk.desk import acts
        from assessor_desk.desk.shown import refuse_unshown
        from assessor_desk.domain.review import TextField

        if not reason.strip():
            raise Refused("Say why the review is passed back; the assessor reads it word for word")
        if not unheard:
            self._hear_others(submission_id)
        if shown is not None:
            with self.store.reading() as view:
                refuse_unshown(self._pen.look(view, submission_id), shown, reason)
            shown = replace(shown, reason=reason)
        told = acts.text(TextField.REASON, reason, "")
        self._pen.act(submission_id, told, replaces=[(TextField.REASON, "")])
        return self._decide(submission_id, passphrase, reason, shown)

    def _decide(
        self, submission_id: str, passphrase: str, reason: str | None, shown: Shown | None
    ) -> SealedPacket:
        from assessor_desk.desk.deciding import decide

        place = self._place
        with self._upkeep.seals:
            return decide(
                self._pen, submission_id, passphrase, place.identity, place.outbox, reason=reason, shown=shown
            )

    def decide_anew(self, submission_id: str, reason: str = "") -> Changes:
        """Take up a decision, or a pass-back, that the source refused; it can be decided or passed back once more.

        `reason` is why a finding of F10, by which the source refused it, may stand; it goes into what is sealed next.
        Raises Refused, with nothing changed, for what was not refused and while a round is under way.
        """
        from assessor_desk.desk.correcting import between_rounds
        from assessor_desk.desk.deciding_anew import decide_anew

        with between_rounds(self._upkeep.rounds):
            return decide_anew(self._pen, submission_id, reason)

    def preview_report(self, submission_id: str) -> bytes:
        """The feedback report as the decision stands, as a PDF without a signature.

        Raises Refused while there is nothing to decide on.
        """
        from assessor_desk.desk.releasing import preview
        from assessor_desk.reports.report_documents import report_pdf

        return report_pdf(*preview(self._pen, submission_id))

    @slowed
    def release(
        self,
        submission_ids: Sequence[str],
        passphrase: str,
        out: Path | None = None,
        progress: Callable[[ReleaseProgress], None] = lambda _: None,
        stop: threading.Event | None = None,
    ) -> ReleaseResult:
        """Release the reports on decided submissions into the folder `out`, or through the source. Blocks; side lane.

        Raises Refused for a wrong passphrase, Unavailable without network or room; releasing again does the rest.
        """
        from assessor_desk.desk.releasing import release

        stopping = stop or threading.Event()
        return release(
            self._pen, submission_ids, passphrase, self._place.identity, out, progress, stopping, self._pace
        )

    def save_badge(self, submission_id: str, out: Path) -> list[Path]:
        """Write the badge that the issuer issued for a decision into `out`, as PNG, SVG and JSON.

        Raises Refused where there is none or it was revoked, Damaged for one that does not hold.
        """
        from assessor_desk.desk.badges import save_badge

        return save_badge(self.store, submission_id, out, self._clock())

    def badge_papers(self) -> BadgePapers:
        """What the issuer publishes beside its badges, as far as it reached this desk."""
        from assessor_desk.desk.badges import badge_papers

        return badge_papers(self.store)

    @property
    def queue(self) -> Queue:
        """What this person decides on, since when it waits, and which reports wait to be released."""
        from assessor_desk.desk.queue import Queue

        return Queue(self.store, self.vault, self._clock)

    def verdict_on(self, packet: str) -> Verdict:
        """The verdict on a delivered packet, by its digest, as of now."""
        from assessor_desk.desk.deciding import verdict_on

        return verdict_on(self.store, self.vault, packet, self._clock())

    def search_reviews(self, words: str, limit: int = 50, offset: int = 0) -> list[Found]:
        """Texts of delivered reviews in which all these words stand, the best first."""
        with self.store.reading() as view:
            return view.deciding.search(words, limit, offset)
