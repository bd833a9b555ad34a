"""What a reviewer opens over the workbench: deciding, passing back, the report, releasing, search, the verdict."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog

from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.gui.preferences import Preferences
from assessor_desk.gui.session import Session

if TYPE_CHECKING:
    from assessor_desk.desk.answers import Case, SealedPacket
    from assessor_desk.desk.queued import FoundText
    from assessor_desk.desk.releasing import ReleaseResult
    from assessor_desk.desk.selections import Gathering
    from assessor_desk.gui.dialogs.signing_dialog import SigningDialog
    from assessor_desk.gui.panes.deciding import DecidingPane
    from assessor_desk.gui.workbench import Workbench


class Reviewing(QObject):
    """The reviewer's acts. Its pane is made when the first submission to decide on is opened."""

    def __init__(self, workbench: Workbench, session: Session, preferences: Preferences) -> None:
        super().__init__(workbench)
        self._workbench, self._session, self._preferences = workbench, session, preferences
        self._pane: DecidingPane | None = None

    def acts(self) -> dict[str, Callable[[], object]]:
        """Acts of the table, by id."""
        return {
            "decide": lambda: self._look(self._show_decide),
            "pass_back": lambda: self._look(self._show_pass_back),
            "decide_anew": lambda: self._look(self._show_decide_anew),
            "report": self._report,
            "release": self._release,
            "cohort_report": self._report_on_many,
            "export_many": self._export_many,
            "search_reviews": self._search,
            "verdict": self._verdict,
            "save_badge": lambda: self._look(self._show_badge),
            "co_sign": self._co_sign,
            "next_review": lambda: self.pane.step_review(),
        }

    @property
    def pane(self) -> DecidingPane:
        """The pane of what is decided on."""
        if self._pane is None:
            from assessor_desk.gui.panes.deciding import DecidingPane

            self._pane = pane = DecidingPane(self._session, self._workbench)
            for act, signal in (
                ("decide", pane.decide_wanted), ("pass_back", pane.pass_back_wanted), ("report", pane.report_wanted),
                ("verdict", pane.verdict_wanted), ("release", pane.release_wanted),
                ("decide_anew", pane.anew_wanted), ("save_badge", pane.badge_wanted),
            ):  # fmt: skip
                signal.connect(lambda wanted=act: self._workbench.run(wanted))
            pane.may_decide.connect(self._workbench.show_state)
        return self._pane

    def facts(self, *, reviewer: bool) -> set[str]:
        """What the reviewer's acts wait for, as it holds now."""
        case, facts = self._session.case, set[str]()
        if reviewer:
            facts.add("reviewer")
        if case is None or case.decision is None or self._pane is None:
            return facts
        if self._pane.packet_told:
            facts.add("delivered")
        if len(case.delivered) > 1:
            facts.add("several")
        if case.delivered and (case.decision.seal is None or case.decision.seal.outcome):
            facts.add("reported")
        from assessor_desk.gui.deciding_words import badge_to_save, was_refused

        if was_refused(case):
            facts.add("refused")
        if badge_to_save(case):
            facts.add("badged")
        if not case.read_only and case.delivered and not case.holds:
            facts.add("passing_back")
        if not case.read_only and not self._pane.hindrance:
            facts.add("deciding")
        return facts

    def _open(self, dialog: QDialog) -> None:
        self._workbench.errands.open(dialog)

    def _tell(self, error: DeskError) -> None:
        self._session.notices.tell(sentence(error), "danger")

    def _look(self, show: Callable[[Case], None]) -> None:
        """Show something of the open submission as it stands on the disk."""
        submission_id, desk = self._session.submission_id, self._session.desk
        self._session.tasks.store(lambda: desk.case(submission_id), show, self._tell)

    # Deciding

    def _show_decide(self, case: Case) -> None:
        from assessor_desk.gui.dialogs.decide import DecideDialog

        if told := self.pane.hindrance:
            self._session.notices.tell(told, "caution")
            return
        dialog = DecideDialog(self._session, case, self._workbench)
        self._follow(dialog, case.submission.id)
        dialog.sealed.connect(lambda packet: self._on_sealed(packet, "Decided and sealed."))
        dialog.report_wanted.connect(lambda: self._preview(case.submission.id, case.submission.key))
        self._open(dialog)

    def _show_pass_back(self, case: Case) -> None:
        from assessor_desk.gui.dialogs.pass_back import PassBackDialog

        dialog = PassBackDialog(self._session, case, self._workbench)
        self._follow(dialog, case.submission.id)
        dialog.sealed.connect(lambda packet: self._on_sealed(packet, "Passed back."))
        self._open(dialog)

    def _show_decide_anew(self, case: Case) -> None:
        from assessor_desk.gui.deciding_words import was_refused
        from assessor_desk.gui.dialogs.decide_anew import DecideAnewDialog

        if not was_refused(case):
            self._session.notices.tell("The hub has taken it meanwhile.", "caution")
            return
        dialog = DecideAnewDialog(self._session, case, self._workbench)
        dialog.taken_up.connect(
            lambda: self._session.notices.tell("It can be decided, or passed back, once more.", "positive")
        )
        self._open(dialog)

    def _follow(self, dialog: SigningDialog, submission_id: str) -> None:
        """What came from another computer while it was to be signed here is shown at once."""
        came = Changes.of(Kind.INBOX, Kind.REVIEW, submission=submission_id)
        dialog.changed_elsewhere.connect(lambda: self._session.announce(came))

    def _on_sealed(self, packet: SealedPacket, words: str) -> None:
        self._session.notices.tell(
            f"{words} It is on this computer, and goes out as soon as the hub is reached.", "positive"
        )
        self._session.announce(packet.changes)
        self._workbench.syncing.start_quietly()

    # The report

    def _report(self) -> None:
        if (case := self._session.case) is not None:
            self._preview(case.submission.id, case.submission.key)

    def _preview(self, submission_id: str, key: str) -> None:
        from assessor_desk.gui.dialogs.preview_report import ReportPreview

        desk, title = self._session.desk, f"Feedback report, {key}"
        make = partial(desk.preview_report, submission_id)
        self._open(
            ReportPreview(self._session, title, make, "Not sealed: a preview.", self._workbench.window())
        )

    def _release(self) -> None:
        from assessor_desk.gui.dialogs.release import ReleaseDialog

        dialog = ReleaseDialog(self._session, self._preferences, self._workbench)
        dialog.preview_wanted.connect(self._preview)
        dialog.released.connect(self._on_released)
        self._open(dialog)

    def _on_released(self, result: ReleaseResult) -> None:
        self._session.announce(result.changes)

    def _show_badge(self, case: Case) -> None:
        from assessor_desk.gui.dialogs.save_badge import SaveBadgeDialog

        dialog = SaveBadgeDialog(self._session, case, self._workbench)
        dialog.saved.connect(lambda paths: self._tell_written("The badge is saved, 3 files", paths[0].parent))
        self._open(dialog)

    def _co_sign(self) -> None:
        from assessor_desk.gui.dialogs.co_sign import CoSignDialog

        dialog = CoSignDialog(self._session, self._preferences, self._workbench)
        dialog.signed.connect(lambda path: self._tell_written("The co-signed copy is written", path.parent))
        self._open(dialog)

    # Many together

    def _report_on_many(self) -> None:
        from assessor_desk.gui.dialogs.cohort_report import CohortReportDialog

        dialog = CohortReportDialog(self._session, self._preferences, self._workbench)
        dialog.made.connect(self._on_reported)
        self._open(dialog)

    def _on_reported(self, paths: list[Path]) -> None:
        files = "1 file" if len(paths) == 1 else f"{len(paths)} files"
        self._tell_written(f"The cohort report is written, {files}", paths[0].parent)

    def _export_many(self) -> None:
        from assessor_desk.gui.dialogs.export_many import ExportManyDialog

        dialog = ExportManyDialog(self._session, self._preferences, self._workbench)
        dialog.made.connect(self._on_gathered)
        self._open(dialog)

    def _on_gathered(self, gathering: Gathering) -> None:
        if paths := gathering.paths:
            files = "1 file" if len(paths) == 1 else f"{len(paths):,} files"
            self._tell_written(f"Exported {files}", paths[0].parent.parent)

    def _tell_written(self, words: str, folder: Path) -> None:
        from assessor_desk.gui.errands import show_folder
        from assessor_desk.gui.many_words import shortened

        show = ("Show the folder", lambda: show_folder(folder))
        self._session.notices.tell(f"{words}, into {shortened(folder)}.", "positive", show)

    # Search, verdict

    def _search(self) -> None:
        from assessor_desk.gui.dialogs.search_reviews import SearchReviews

        dialog = SearchReviews(self._session, self._workbench)
        dialog.chosen.connect(self._go_to)
        self._open(dialog)

    def _go_to(self, found: FoundText) -> None:
        """Open the submission at the text that was found."""
        self.pane.reveal_text(found)
        self._session.look_at(found.digest)
        self._workbench.inbox.choose(found.submission_id)

    def _verdict(self) -> None:
        """All facts about the packet looked at, in the window that checks packets."""
        case, packet, queue = self._session.case, self.pane.packet_told, self._session.desk.queue
        if case is not None and packet:
            name = f"{case.submission.key}-{packet[:8]}.zip"
            show = self._workbench.errands.verify_held
            self._session.tasks.side(lambda: queue.packet(packet), lambda held: show(name, held), self._tell)
