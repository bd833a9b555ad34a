"""The rubric beside the evidence: check, score, say why, say what next, and see what is needed before sealing."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from assessor_desk.desk.answers import Case, Changes
from assessor_desk.domain.feedback import Finding
from assessor_desk.domain.review import TextField
from assessor_desk.gui.controls import Card, EmptyState, Pill, outlined_button, primary_button
from assessor_desk.gui.panes.rubric.completeness_card import CompletenessCard
from assessor_desk.gui.panes.rubric.criterion_card import CriterionCard
from assessor_desk.gui.panes.rubric.text_block import TextBlock
from assessor_desk.gui.session import Session


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
        self._stack = QStackedLayout(self)
        self._empty = EmptyState(
            "checklist",
            "No submission open",
            "Choose one on the left. Its evidence opens here in the middle, its rubric on this side.",
            parent=self,
        )
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._work_page())
        session.case_changed.connect(self._show)
        self._show()

    # The page

    def _work_page(self) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header(page))
        self._scroll = QScrollArea(page)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column.addWidget(self._scroll, 1)
        column.addWidget(self._footer(page))
        return page

    def _header(self, page: QWidget) -> QWidget:
        header = QWidget(page)
        header.setObjectName("rubricHeader")
        lines = QVBoxLayout(header)
        lines.setContentsMargins(16, 14, 16, 10)
        lines.setSpacing(2)
        self._title = QLabel(header)
        self._title.setObjectName("paneTitle")
        self._title.setWordWrap(True)
        self._facts = QLabel(header)
        self._facts.setObjectName("muted")
        self._facts.setWordWrap(True)
        self._banner = QLabel(header)
        self._banner.setObjectName("banner")
        self._banner.setWordWrap(True)
        for label in (self._title, self._facts, self._banner):
            label.setTextFormat(Qt.TextFormat.PlainText)
            lines.addWidget(label)
        return header

    def _footer(self, page: QWidget) -> QWidget:
        footer = QWidget(page)
        footer.setObjectName("rubricFooter")
        footer.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(footer)
        row.setContentsMargins(16, 10, 16, 10)
        row.setSpacing(8)
        self._progress = QLabel(footer)
        self._progress.setObjectName("muted")
        self._seal = primary_button("Review and seal…", footer)
        self._seal.clicked.connect(self.seal_wanted)
        self._correct = outlined_button("Begin a correction", footer)
        self._correct.clicked.connect(self._on_correct)
        self._export = outlined_button("Export…", footer)
        self._export.clicked.connect(self.export_wanted)
        row.addWidget(self._progress, 1)
        for button in (self._correct, self._export, self._seal):
            row.addWidget(button)
        return footer

    def _build_cards(self, case: Case) -> None:
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
            self._join(card)
            self._cards[criterion.id] = card
            column.addWidget(card)
        self._overall = self._whole_block(TextField.OVERALL, lines=3, parent=content)
        self._notes = self._whole_block(TextField.NOTES, lines=2, parent=content)
        self._overall_card = _in_card("Overall feedback", self._overall, content)
        self._overall_pill = self._overall_card.findChild(Pill)
        column.addWidget(self._overall_card)
        column.addWidget(_in_card("Private notes", self._notes, content))
        column.addStretch(1)
        self._scroll.setWidget(content)

    def _whole_block(self, field: TextField, lines: int, parent: QWidget) -> TextBlock:
        block = TextBlock(field, parent, lines)
        block.drafted.connect(lambda text: self._draft("", field, text))
        block.written.connect(lambda text: self._write("", field, text))
        block.keep_wanted.connect(self.keep_wanted)
        return block

    def _join(self, card: CriterionCard) -> None:
        card.activated.connect(self.activate)
        card.level_chosen.connect(self._on_level_chosen)
        card.drafted.connect(self._draft)
        card.written.connect(self._write)
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
        if wanted != self._shown:
            self._shown = wanted
            self._build_cards(case)
            self._current = _first_open(case)
            self.criterion_activated.emit(self._current)
        self._show_header(case)
        self._show_cards(case)
        self._show_footer(case)

    def _show_header(self, case: Case) -> None:
        self._title.setText(case.rubric.title)
        hidden = "names hidden" if case.assignment.blindness.name else ""
        attempt = "" if case.assignment.blindness.attempt else f"attempt {case.submission.attempt}"
        draft = "draft" if case.submission.draft else ""
        sample = "sample rubric, not for decisions" if case.rubric.sample else ""
        parts = [case.submission.key, attempt, draft, hidden, f"rubric {case.rubric.version}", sample]
        self._facts.setText(" · ".join(filter(None, parts)))
        self._banner.setText(_banner(case))
        self._banner.setVisible(bool(self._banner.text()))

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
        if self._overall_pill:
            needed = any(one.blocks and one.field is TextField.OVERALL for one in general)
            self._overall_pill.setVisible(needed)

    def _show_footer(self, case: Case) -> None:
        review = case.review
        total = len(case.rubric.criteria)
        open_points = len(case.blocking)
        if review.seal:
            words = f"Sealed {review.seal.at.astimezone():%d %b %Y, %H:%M}"
        elif review.incomplete:
            words = "Incomplete, not scored"
        else:
            checks = "nothing needed" if not open_points else f"{open_points} needed before sealing"
            words = f"{review.scored(case.rubric)} of {total} scored · {checks}"
        self._progress.setText(words)
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
        QTimer.singleShot(0, self._bring_current_into_sight)

    def step_criterion(self, step: int) -> None:
        """Go to the next (1) or previous (-1) criterion."""
        ids = list(self._cards)
        if ids:
            index = ids.index(self._current) if self._current in ids else -step
            self.activate(ids[max(0, min(len(ids) - 1, index + step))])

    def choose_digit(self, digit: int) -> None:
        """Choose the level with this digit for the current criterion."""
        if card := self._cards.get(self._current):
            card.levels.choose_digit(digit)

    def focus_text(self) -> None:
        """Put the cursor into the first empty text of the current criterion."""
        if card := self._cards.get(self._current):
            card.focus_text()

    def show_finding(self, finding: Finding) -> None:
        """Go to what a finding is about."""
        if finding.subject:
            self.activate(finding.subject)
            card = self._cards[finding.subject]
            if finding.field in card.blocks:
                card.blocks[finding.field].focus()
        elif self._session.case and self._session.case.review.completeness is None:
            self._scroll.ensureWidgetVisible(self._completeness)
        else:
            self._scroll.ensureWidgetVisible(self._overall)
            self._overall.focus()

    def flush(self) -> None:
        """Send every text that is still being typed, before anything else is done."""
        for card in self._cards.values():
            card.flush()
        if self._cards:
            self._overall.flush()
            self._notes.flush()

    def _bring_current_into_sight(self) -> None:
        if card := self._cards.get(self._current):
            self._scroll.ensureWidgetVisible(card, 0, 12)

    def _act(self, act: Callable[..., Changes]) -> None:
        self._session.act(act)

    def _on_checked(self, reasons: list[str]) -> None:
        submission_id = self._session.submission_id
        self._act(lambda desk: desk.record_completeness(submission_id, reasons))

    def _on_level_chosen(self, criterion_id: str, level: str | None) -> None:
        submission_id = self._session.submission_id
        self.activate(criterion_id)
        self._act(lambda desk: desk.record_score(submission_id, criterion_id, level))

    def _on_anchor_taken(self, criterion_id: str, anchor_id: str) -> None:
        submission_id = self._session.submission_id
        self._act(lambda desk: desk.take_anchor(submission_id, anchor_id, criterion_id))

    def _on_no_evidence(self, criterion_id: str, absent: bool) -> None:
        submission_id = self._session.submission_id
        self._act(lambda desk: desk.declare_no_evidence(submission_id, criterion_id, absent))

    def _on_correct(self) -> None:
        submission_id = self._session.submission_id
        self._act(lambda desk: desk.begin_correction(submission_id))

    def _draft(self, criterion_id: str, field: TextField, text: str) -> None:
        self._send_text("draft_text", criterion_id, field, text)

    def _write(self, criterion_id: str, field: TextField, text: str) -> None:
        self._send_text("write_text", criterion_id, field, text)

    def _send_text(self, verb: str, criterion_id: str, field: TextField, text: str) -> None:
        submission_id = self._session.submission_id
        block = self._cards[criterion_id].blocks[field] if criterion_id else self._whole(field)
        self._session.act(
            lambda desk: getattr(desk, verb)(submission_id, field, text, criterion_id),
            finished=block.arrived,
        )

    def _whole(self, field: TextField) -> TextBlock:
        return self._overall if field is TextField.OVERALL else self._notes


def _in_card(title: str, block: TextBlock, parent: QWidget) -> Card:
    card = Card(parent)
    column = QVBoxLayout(card)
    column.setContentsMargins(12, 12, 12, 12)
    row = QHBoxLayout()
    heading = QLabel(title, card)
    heading.setObjectName("criterionTitle")
    row.addWidget(heading, 1)
    row.addWidget(Pill("needed", "caution", card)) if title == "Overall feedback" else None
    column.addLayout(row)
    column.addWidget(block)
    return card


def _shown_at_overall(finding: Finding) -> bool:
    return finding.field in (None, TextField.OVERALL) and "completeness" not in finding.sentence


def _first_open(case: Case) -> str:
    """The first criterion without a level, else the first one."""
    ids = [criterion.id for criterion in case.rubric.criteria]
    return next((one for one in ids if not case.review.work(one).level), ids[0])


def _banner(case: Case) -> str:
    """What changes how this review can be worked on, in one sentence."""
    if case.set_aside:
        return "Set aside: the source has withdrawn this assignment. Your work is kept and can be read and exported."
    if case.review.sealed and case.delivery and case.delivery.receipted:
        return "Sealed, and on the hub. Nothing here can change any more; a correction makes a new packet."
    if case.review.sealed:
        return "Sealed. The packet waits on this computer and goes out with the next sync."
    if case.version_changed:
        return "The educator's evidence was replaced since you last looked: look at it again before you seal."
    if case.supersedes:
        return "A correction: sealing it makes a new packet that replaces the one before."
    return ""
