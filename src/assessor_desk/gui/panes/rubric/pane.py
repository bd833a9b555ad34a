"""The rubric beside the evidence: check, score, say why, say what next, and see what is needed before sealing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget
from shiboken6 import isValid

from assessor_desk.desk.answers import Case
from assessor_desk.desk.changes import Changes
from assessor_desk.domain.earlier import Addressed
from assessor_desk.domain.errors import DeskError
from assessor_desk.domain.feedback import Finding
from assessor_desk.domain.preflight import ArtifactFinding, Judged
from assessor_desk.domain.review import TextField
from assessor_desk.gui.controls import outlined_button, primary_button
from assessor_desk.gui.panes.rubric.completeness_card import CompletenessCard
from assessor_desk.gui.panes.rubric.criterion_card import CriterionCard
from assessor_desk.gui.writing.sheet_pane import SheetPane
from assessor_desk.gui.writing.whole_card import WholeCard

if TYPE_CHECKING:
    from assessor_desk.desk import Desk


class RubricPane(SheetPane):
    """Cards for the check, each criterion, the overall feedback and the notes, over a footer that leads to the seal."""

    seal_wanted = Signal()
    export_wanted = Signal()
    republished_wanted = Signal()

    # The page

    def lead(self) -> None:
        """Seal, and what follows it."""
        self._seal = primary_button("Review and seal…", self.page)
        self._seal.clicked.connect(self.seal_wanted)
        self._correct = outlined_button("Begin a correction", self.page)
        self._correct.clicked.connect(self.begin_correction)
        self.page.banner.correction_wanted.connect(self.begin_correction)
        self.page.banner.rubric_wanted.connect(self.republished_wanted)
        self._export = outlined_button("Export…", self.page)
        self._export.clicked.connect(self.export_wanted)
        self.page.lead_to(self._correct, self._export, self._seal)

    def works_on(self, case: Case) -> bool:
        """Where there is a review; a coach has notes."""
        return case.notes is None

    def fill(self, case: Case, content: QWidget, column: QVBoxLayout) -> None:
        """The check, the criteria, the overall feedback, the notes."""
        self._completeness = CompletenessCard(content)
        self._completeness.checked.connect(self._on_checked)
        self._completeness.judged.connect(self._on_judged)
        self._completeness.again_wanted.connect(self._on_again_wanted)
        column.addWidget(self._completeness)
        self._criteria: dict[str, CriterionCard] = {}
        for number, criterion in enumerate(case.rubric.criteria, start=1):
            card = CriterionCard(number, criterion, content)
            card.offer_evidence(case.rubric.evidence_for(criterion.id))
            card.level_chosen.connect(self._on_level_chosen)
            card.anchor_taken.connect(self._on_anchor_taken)
            card.no_evidence_declared.connect(self._on_no_evidence)
            card.earlier_step_marked.connect(self._on_earlier_step)
            self.join(card)
            self._criteria[criterion.id] = card
            column.addWidget(card)
        self._overall = self.whole_block(TextField.OVERALL, lines=3, parent=content)
        self._notes = self.whole_block(TextField.NOTES, lines=2, parent=content)
        self._overall_card = WholeCard(self._overall, content)
        column.addWidget(self._overall_card)
        column.addWidget(WholeCard(self._notes, content))

    def renew(self, case: Case) -> None:
        """The check too begins anew."""
        super().renew(case)
        self._completeness.renew()

    # What is shown

    def first_open(self, case: Case) -> str:
        """The first criterion without a level, else the first one."""
        ids = [criterion.id for criterion in case.rubric.criteria]
        return next((one for one in ids if not case.review.work(one).level), ids[0])

    def show_around(self, case: Case) -> None:
        """What is reviewed, and how far it has come."""
        self.say_facts(case)
        self._show_footer(case)

    def show_cards(self, case: Case) -> None:
        """How each part of the review stands."""
        review = case.review
        self._completeness.show_case(case)
        scoring = review.completeness == ()
        for index, (criterion_id, card) in enumerate(self._criteria.items()):
            card.setVisible(scoring or (review.completeness is None and bool(review.works)))
            card.show_case(case, current=criterion_id == self.current_criterion, colour_index=index)
        general = [one for one in case.findings if not one.subject]
        self._overall_card.setVisible(review.completeness is not None)
        self._overall.show_text(review.overall, read_only=case.read_only)
        self._overall.show_findings(
            [one for one in general if _shown_at_overall(one)], read_only=case.read_only
        )
        self._notes.show_text(review.notes, read_only=case.read_only)
        needed = any(one.blocks and one.field is TextField.OVERALL for one in general)
        self._overall_card.pill.setVisible(needed and not case.read_only)

    def _show_footer(self, case: Case) -> None:
        review = case.review
        total = len(case.rubric.criteria)
        parts = case.parts_open
        if review.seal:
            words = f"Sealed {review.seal.at.astimezone():%d %b %Y, %H:%M}"
        elif review.incomplete:
            words = "Incomplete, not scored"
        else:
            count = f"{len(parts)} part{'' if len(parts) == 1 else 's'}"
            checks = f"Needed before sealing: {count}" if parts else "Nothing needed before sealing"
            words = f"{review.scored(case.rubric)} of {total} scored\n{checks}"
        self.page.progress.setText(words)
        self.page.progress.setToolTip(
            "" if case.read_only or not parts else "Still open: " + ", ".join(parts)
        )
        self._seal.setVisible(not case.read_only)
        self._correct.setVisible(review.sealed and not case.set_aside and not case.to_be_corrected)
        self._export.setVisible(review.sealed or case.set_aside)

    # What the assessor does

    def choose_digit(self, digit: int) -> None:
        """Choose the level with this digit for the current criterion."""
        if card := self._criteria.get(self.current_criterion):
            self.page.follow(card)
            card.levels.choose_digit(digit)

    def show_finding(self, finding: Finding) -> None:
        """Go to what a finding is about."""
        case = self.session.case
        if self.reveal_answers(finding):
            return
        if finding.subject:
            self.activate(finding.subject)
            card = self._criteria[finding.subject]
            if finding.field in card.blocks:
                self.go_to_text(card.blocks[finding.field])
            else:
                card.focus_levels()
            self.page.follow(card)
        elif finding.field is None and case and case.review.completeness is None:
            self._completeness.reopen()
            self.page.reveal(self._completeness)
        else:
            self.go_to_text(self._notes if finding.field is TextField.NOTES else self._overall)
        self.page.follow_writing()

    def _act(self, act: Callable[[Desk, str], Changes]) -> None:
        own_id = self.submission_id
        self.session.act(lambda desk: act(desk, own_id))

    def _on_checked(self, reasons: list[str], missing: list[str]) -> None:
        # The button pressed is about to hide; the focus must not slip into a text out of sight.
        self.page.take_focus()
        own_id = self.submission_id
        self.session.act(
            lambda desk: desk.record_completeness(own_id, reasons, missing), self._begin_at_the_top
        )

    def _begin_at_the_top(self, recorded: bool) -> None:
        """The check was read down to its end; what comes now begins above, once it stands there."""
        if recorded:
            QTimer.singleShot(0, self, lambda: self.page.reveal(self._completeness))

    def _on_judged(self, found: ArtifactFinding, judged: Judged | None) -> None:
        place = found.artifact_id, found.finding.id
        self._act(lambda desk, own_id: desk.judge_finding(own_id, *place, judged))

    def _on_again_wanted(self, found: ArtifactFinding) -> None:
        """On a side lane: a reader that takes too long takes a minute and a half."""
        session, own_id, card = self.session, self.submission_id, self._completeness

        def failed(error: DeskError) -> None:
            session.notices.tell(session.words(error))
            if isValid(card):
                card.stop_looking()

        session.tasks.side(
            lambda: session.desk.look_again(own_id, found.artifact_id), session.announce, failed
        )

    def _on_level_chosen(self, criterion_id: str, level: str | None) -> None:
        self.activate(criterion_id)
        self._act(lambda desk, own_id: desk.record_score(own_id, criterion_id, level))

    def _on_anchor_taken(self, criterion_id: str, anchor_id: str) -> None:
        self._act(lambda desk, own_id: desk.take_anchor(own_id, anchor_id, criterion_id))

    def _on_no_evidence(self, criterion_id: str, absent: bool) -> None:
        self._act(lambda desk, own_id: desk.declare_no_evidence(own_id, criterion_id, absent))

    def _on_earlier_step(self, criterion_id: str, addressed: Addressed | None) -> None:
        self._act(lambda desk, own_id: desk.mark_earlier_step(own_id, criterion_id, addressed))

    def begin_correction(self) -> None:
        """Open the next revision of a sealed review."""
        self._act(lambda desk, own_id: desk.begin_correction(own_id))


def _shown_at_overall(finding: Finding) -> bool:
    if finding.field is None and (finding.check == "D1" or "completeness" in finding.sentence):
        return False  # said where it is answered
    return finding.field in (None, TextField.OVERALL)
