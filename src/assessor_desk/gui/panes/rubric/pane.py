"""The rubric beside the evidence: check, score, say why, say what next, and see what is needed before sealing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from assessor_desk.desk.answers import Case
from assessor_desk.desk.changes import Changes
from assessor_desk.domain.feedback import Finding
from assessor_desk.domain.review import TextField
from assessor_desk.gui import theme
from assessor_desk.gui.controls import EmptyState, outlined_button, primary_button
from assessor_desk.gui.panes.rubric.completeness_card import CompletenessCard
from assessor_desk.gui.panes.rubric.criterion_card import CriterionCard
from assessor_desk.gui.session import Session
from assessor_desk.gui.writing.sheet_page import SheetPage
from assessor_desk.gui.writing.text_block import TextBlock
from assessor_desk.gui.writing.texts import Texts
from assessor_desk.gui.writing.whole_card import WholeCard

if TYPE_CHECKING:
    from assessor_desk.desk import Desk


class RubricPane(QWidget):
    """Cards for the check, each criterion, the overall feedback and the notes, over a footer that leads to the seal."""

    criterion_activated = Signal(str)
    anchor_activated = Signal(str)
    anchor_wanted = Signal(str)
    seal_wanted = Signal()
    export_wanted = Signal()
    keep_wanted = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._cards: dict[str, CriterionCard] = {}
        self._shown: tuple[str, str, str] = ("", "", "")
        self._current = ""
        self._overdue = False
        self._stack = QStackedLayout(self)
        self._empty = EmptyState(
            "checklist",
            "No submission open",
            "Choose one on the left. Its evidence opens here in the middle, its rubric on this side.",
            parent=self,
        )
        self._stack.addWidget(self._empty)
        self._page = SheetPage(self)
        self._page.banner.looked_again.connect(self._on_looked_again)
        self._lead()
        self._stack.addWidget(self._page)
        self._texts = Texts(session, self)
        self._texts.arrived.connect(self._on_arrived)
        session.case_changed.connect(self._show)
        theme.changed.connect(self._show)
        self._show()

    # The page

    def _lead(self) -> None:
        """Where the page leads, at its foot."""
        self._seal = primary_button("Review and seal…", self._page)
        self._seal.clicked.connect(self.seal_wanted)
        self._correct = outlined_button("Begin a correction", self._page)
        self._correct.clicked.connect(self._on_correct)
        self._export = outlined_button("Export…", self._page)
        self._export.clicked.connect(self.export_wanted)
        self._page.lead_to(self._correct, self._export, self._seal)

    def _build_cards(self, case: Case) -> None:
        self._texts.begin(case.submission.id)
        content = QWidget()
        content.setObjectName("rubricContent")
        column = QVBoxLayout(content)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(10)
        self._completeness = CompletenessCard(content)
        self._completeness.checked.connect(self._on_checked)
        column.addWidget(self._completeness)
        self._cards = {}
        for number, criterion in enumerate(case.rubric.criteria, start=1):
            card = CriterionCard(number, criterion, content)
            card.offer_evidence(case.rubric.evidence_for(criterion.id))
            self._join(card)
            self._cards[criterion.id] = card
            column.addWidget(card)
        self._overall = self._whole_block(TextField.OVERALL, lines=3, parent=content)
        self._notes = self._whole_block(TextField.NOTES, lines=2, parent=content)
        self._overall_card = WholeCard(self._overall, content)
        column.addWidget(self._overall_card)
        column.addWidget(WholeCard(self._notes, content))
        column.addStretch(1)
        self._page.show_cards(content)

    def _whole_block(self, field: TextField, lines: int, parent: QWidget) -> TextBlock:
        block = TextBlock(field, parent, lines)
        self._texts.join(block, field)
        block.keep_wanted.connect(self.keep_wanted)
        block.grown.connect(self._page.follow_writing)
        return block

    def _join(self, card: CriterionCard) -> None:
        for field, block in card.blocks.items():
            self._texts.join(block, field, card.criterion.id)
            block.grown.connect(self._page.follow_writing)
        card.rearranged.connect(self._page.rearranged)
        card.activated.connect(self.activate)
        card.level_chosen.connect(self._on_level_chosen)
        card.anchor_activated.connect(self.anchor_activated)
        card.anchor_wanted.connect(self.anchor_wanted)
        card.anchor_taken.connect(self._on_anchor_taken)
        card.no_evidence_declared.connect(self._on_no_evidence)
        card.keep_wanted.connect(self.keep_wanted)

    # What is shown

    @property
    def current_criterion(self) -> str:
        """The id of the criterion being worked on, empty where none is."""
        return self._current

    def _show(self) -> None:
        case = self._session.case
        self._stack.setCurrentIndex(0 if case is None else 1)
        if case is None:
            self._shown = ("", "", "")
            return
        wanted = (case.review.id, case.rubric.id, case.rubric.version)
        if wanted != self._shown and self._texts.unwritten:
            self._overdue = True
            self.flush()
            return
        if wanted != self._shown:
            self._shown = wanted
            self._build_cards(case)
            self._current = _first_open(case)
            self.criterion_activated.emit(self._current)
        self._show_header(case)
        self._show_cards(case)
        self._show_footer(case)

    def _show_header(self, case: Case) -> None:
        self._page.title.setText(case.rubric.title)
        hidden = "names hidden" if case.assignment.blindness.name else ""
        attempt = "" if case.assignment.blindness.attempt else f"attempt {case.submission.attempt}"
        draft = "draft" if case.submission.draft else ""
        sample = "sample rubric, not for decisions" if case.rubric.sample else ""
        parts = [case.submission.key, attempt, draft, hidden, f"rubric {case.rubric.version}", sample]
        self._page.facts.setText(" · ".join(filter(None, parts)))
        self._page.banner.show_case(case)

    def _show_cards(self, case: Case) -> None:
        review = case.review
        self._completeness.show_case(case)
        scoring = review.completeness == ()
        for index, (criterion_id, card) in enumerate(self._cards.items()):
            card.setVisible(scoring or (review.completeness is None and bool(review.works)))
            card.show_case(case, current=criterion_id == self._current, colour_index=index)
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
        self._page.progress.setText(words)
        self._page.progress.setToolTip(
            "" if case.read_only or not parts else "Still open: " + ", ".join(parts)
        )
        self._seal.setVisible(not case.read_only)
        self._correct.setVisible(review.sealed and not case.set_aside)
        self._export.setVisible(review.sealed)

    # What the assessor does

    def activate(self, criterion_id: str) -> None:
        """Make a criterion the current one."""
        if criterion_id == self._current or criterion_id not in self._cards:
            return
        if before := self._cards.get(self._current):
            before.flush()
        self._current = criterion_id
        self.criterion_activated.emit(criterion_id)
        if case := self._session.case:
            self._show_cards(case)
        self._page.follow(self._cards[criterion_id])

    def step_criterion(self, step: int) -> None:
        """Go to the next (1) or previous (-1) criterion."""
        ids = list(self._cards)
        if ids:
            index = ids.index(self._current) if self._current in ids else -step
            self.activate(ids[max(0, min(len(ids) - 1, index + step))])

    def choose_digit(self, digit: int) -> None:
        """Choose the level with this digit for the current criterion."""
        if card := self._cards.get(self._current):
            self._page.follow(card)
            card.levels.choose_digit(digit)

    def focus_text(self) -> None:
        """Put the cursor into the first empty text of the current criterion."""
        if card := self._cards.get(self._current):
            card.focus_text()

    def show_finding(self, finding: Finding) -> None:
        """Go to what a finding is about."""
        case = self._session.case
        if finding.subject:
            self.activate(finding.subject)
            card = self._cards[finding.subject]
            if finding.field in card.blocks:
                card.blocks[finding.field].focus()
            else:
                card.focus_levels()
            self._page.follow(card)
        elif finding.field is None and case and case.review.completeness is None:
            self._completeness.reopen()
            self._page.reveal(self._completeness)
        else:
            self._overall.focus()
        self._page.follow_writing()

    def flush(self) -> None:
        """Send every text that is still being typed, before anything else is done."""
        self._texts.flush()

    def _act(self, act: Callable[[Desk, str], Changes]) -> None:
        own_id = self._texts.submission_id
        self._session.act(lambda desk: act(desk, own_id))

    def _on_checked(self, reasons: list[str]) -> None:
        # The button pressed is about to hide; the focus must not slip into a text out of sight.
        self._page.take_focus()
        self._act(lambda desk, own_id: desk.record_completeness(own_id, reasons))

    def _on_level_chosen(self, criterion_id: str, level: str | None) -> None:
        self.activate(criterion_id)
        self._act(lambda desk, own_id: desk.record_score(own_id, criterion_id, level))

    def _on_anchor_taken(self, criterion_id: str, anchor_id: str) -> None:
        self._act(lambda desk, own_id: desk.take_anchor(own_id, anchor_id, criterion_id))

    def _on_no_evidence(self, criterion_id: str, absent: bool) -> None:
        self._act(lambda desk, own_id: desk.declare_no_evidence(own_id, criterion_id, absent))

    def _on_looked_again(self) -> None:
        self._act(lambda desk, own_id: desk.confirm_second_look(own_id))

    def _on_correct(self) -> None:
        self._act(lambda desk, own_id: desk.begin_correction(own_id))

    def _on_arrived(self) -> None:
        if self._overdue and not self._texts.unwritten:
            self._overdue = False
            self._show()


def _shown_at_overall(finding: Finding) -> bool:
    return finding.field in (None, TextField.OVERALL) and "completeness" not in finding.sentence


def _first_open(case: Case) -> str:
    """The first criterion without a level, else the first one."""
    ids = [criterion.id for criterion in case.rubric.criteria]
    return next((one for one in ids if not case.review.work(one).level), ids[0])
