"""The rubric beside the evidence: check, score, say why, say what next, and see what is needed before sealing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.desk.answers import Case
from assessor_desk.desk.changes import Changes
from assessor_desk.domain.feedback import Finding
from assessor_desk.domain.review import TextField
from assessor_desk.gui import theme
from assessor_desk.gui.controls import Card, EmptyState, Pill, outlined_button, primary_button
from assessor_desk.gui.panes.rubric.banner import Banner
from assessor_desk.gui.panes.rubric.completeness_card import CompletenessCard
from assessor_desk.gui.panes.rubric.criterion_card import CriterionCard
from assessor_desk.gui.panes.rubric.text_block import TextBlock
from assessor_desk.gui.panes.rubric.text_field import TextField as Writing
from assessor_desk.gui.session import Session
from assessor_desk.gui.tab_order import in_layout_order, set_tab_order

if TYPE_CHECKING:
    from assessor_desk.desk import Desk

#: How the desk keeps a text: for the moment or for good.
_Keeping = Callable[["Desk", str, TextField, str, str], Changes]

#: Pixels kept in sight above and below the line being written.
_ROOM_AROUND_CURSOR = 60


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
        self._submission = ""
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
        self._page = self._work_page()
        self._stack.addWidget(self._page)
        self._tabs_timer = self._soon(self._arrange_tabs)
        self._sight_timer = self._soon(self._bring_current_into_sight)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._on_room_changed)
        session.case_changed.connect(self._show)
        session.writers.append(self)
        theme.changed.connect(self._show)
        self._show()

    def _soon(self, slot: Callable[[], None]) -> QTimer:
        """Started, it runs `slot` once, after the layouts have settled."""
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(slot)
        return timer

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
        for label in (self._title, self._facts):
            label.setTextFormat(Qt.TextFormat.PlainText)
            lines.addWidget(label)
        self._banner = Banner(header)
        self._banner.looked_again.connect(self._on_looked_again)
        lines.addWidget(self._banner)
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
        self._progress.setWordWrap(True)
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
        self._submission = case.submission.id
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
            self._join(card, self._submission)
            self._cards[criterion.id] = card
            column.addWidget(card)
        self._overall = self._whole_block(TextField.OVERALL, lines=3, parent=content)
        self._notes = self._whole_block(TextField.NOTES, lines=2, parent=content)
        self._overall_card, self._overall_pill = _in_card(self._overall, content)
        column.addWidget(self._overall_card)
        column.addWidget(_in_card(self._notes, content)[0])
        column.addStretch(1)
        self._scroll.setWidget(content)
        self._arrange_tabs()

    def _whole_block(self, field: TextField, lines: int, parent: QWidget) -> TextBlock:
        block, own_id = TextBlock(field, parent, lines), self._submission
        block.drafted.connect(lambda text: self._send_text(_draft, own_id, "", field, text, block))
        block.written.connect(lambda text: self._send_text(_write, own_id, "", field, text, block))
        block.keep_wanted.connect(self.keep_wanted)
        block.grown.connect(self._sight_timer.start)
        return block

    def _join(self, card: CriterionCard, own_id: str) -> None:
        """A card writes to the submission it was made for, also while another one is being opened."""
        criterion_id, blocks = card.criterion.id, card.blocks
        card.drafted.connect(
            lambda _, field, text: self._send_text(_draft, own_id, criterion_id, field, text, blocks[field])
        )
        card.written.connect(
            lambda _, field, text: self._send_text(_write, own_id, criterion_id, field, text, blocks[field])
        )
        card.rearranged.connect(self._tabs_timer.start)
        for block in blocks.values():
            block.grown.connect(self._sight_timer.start)
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
        if wanted != self._shown and self.unwritten:
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
        self._title.setText(case.rubric.title)
        hidden = "names hidden" if case.assignment.blindness.name else ""
        attempt = "" if case.assignment.blindness.attempt else f"attempt {case.submission.attempt}"
        draft = "draft" if case.submission.draft else ""
        sample = "sample rubric, not for decisions" if case.rubric.sample else ""
        parts = [case.submission.key, attempt, draft, hidden, f"rubric {case.rubric.version}", sample]
        self._facts.setText(" · ".join(filter(None, parts)))
        self._banner.show_case(case)

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
        self._overall_pill.setVisible(needed and not case.read_only)

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
        self._progress.setText(words)
        self._progress.setToolTip("" if case.read_only or not parts else "Still open: " + ", ".join(parts))
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
        self._sight_timer.start()

    def step_criterion(self, step: int) -> None:
        """Go to the next (1) or previous (-1) criterion."""
        ids = list(self._cards)
        if ids:
            index = ids.index(self._current) if self._current in ids else -step
            self.activate(ids[max(0, min(len(ids) - 1, index + step))])

    def choose_digit(self, digit: int) -> None:
        """Choose the level with this digit for the current criterion."""
        if card := self._cards.get(self._current):
            self._bring_current_into_sight()
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
        elif finding.field is None and case and case.review.completeness is None:
            self._completeness.reopen()
            self._scroll.ensureWidgetVisible(self._completeness)
        else:
            self._overall.focus()
        self._sight_timer.start()

    def flush(self) -> None:
        """Send every text that is still being typed, before anything else is done."""
        for block in self._blocks():
            block.flush()

    def _blocks(self) -> list[TextBlock]:
        of_criteria = [block for card in self._cards.values() for block in card.blocks.values()]
        return [*of_criteria, self._overall, self._notes] if self._cards else []

    @property
    def unwritten(self) -> str:
        """The texts that are not on the disk yet, each under its title."""
        return "\n\n".join(filter(None, (block.unwritten for block in self._blocks())))

    @property
    def refused(self) -> bool:
        """Whether a text was sent and could not be stored; it is still in its field."""
        return any(block.refused for block in self._blocks())

    def give_up(self) -> None:
        """Let go of what could not be stored."""
        for block in self._blocks():
            block.give_up()

    def _bring_current_into_sight(self) -> None:
        """What is being written in sight, else the current card from its heading on."""
        content, card = self._scroll.widget(), self._cards.get(self._current)
        if content is None:
            return
        QApplication.sendPostedEvents(content, QEvent.Type.LayoutRequest)
        writing = content.focusWidget()
        # Asked of the window, not of the field: a dialog that is still closing has the keys for a moment longer.
        if isinstance(writing, Writing) and self._writes_in(writing):
            cursor = writing.mapTo(content, writing.cursorRect().center())
            self._scroll.ensureVisible(cursor.x(), cursor.y(), 0, _ROOM_AROUND_CURSOR)
        elif card is not None:
            self._scroll.ensureWidgetVisible(card, 0, 12)
            if card.height() > self._scroll.viewport().height():
                self._scroll.verticalScrollBar().setValue(card.y() - 12)

    def _writes_in(self, field: Writing) -> bool:
        return field is self.window().focusWidget()

    def _on_room_changed(self) -> None:
        """Cards take their heights in several passes; what is being written must be in sight after the last."""
        content = self._scroll.widget()
        writing = content.focusWidget() if content else None
        if isinstance(writing, Writing) and self._writes_in(writing):
            self._sight_timer.start()

    def _arrange_tabs(self) -> None:
        """Chips come and go; the Tab key still goes through the pane from top to bottom."""
        set_tab_order(in_layout_order(self._page))

    def _act(self, act: Callable[[Desk, str], Changes]) -> None:
        own_id = self._submission
        self._session.act(lambda desk: act(desk, own_id))

    def _on_checked(self, reasons: list[str]) -> None:
        # The button pressed is about to hide; the focus must not slip into a text out of sight.
        self._scroll.setFocus(Qt.FocusReason.OtherFocusReason)
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

    def _send_text(
        self, keep: _Keeping, own_id: str, criterion_id: str, field: TextField, text: str, block: TextBlock
    ) -> None:
        self._session.act(
            lambda desk: keep(desk, own_id, field, text, criterion_id),
            finished=lambda stored: self._on_arrived(block, stored=stored),
        )

    def _on_arrived(self, block: TextBlock, *, stored: bool) -> None:
        block.arrived(stored=stored)
        if self._overdue and not self.unwritten:
            self._overdue = False
            self._show()


def _draft(desk: Desk, own_id: str, field: TextField, text: str, criterion_id: str) -> Changes:
    return desk.draft_text(own_id, field, text, criterion_id)


def _write(desk: Desk, own_id: str, field: TextField, text: str, criterion_id: str) -> Changes:
    return desk.write_text(own_id, field, text, criterion_id)


def _in_card(block: TextBlock, parent: QWidget) -> tuple[Card, Pill]:
    """A card around a text of the whole review, with a pill that says when it is needed."""
    card = Card(parent)
    column = QVBoxLayout(card)
    column.setContentsMargins(12, 10, 12, 12)
    pill = Pill("needed", "caution", card)
    pill.hide()
    block.stand_alone(pill)
    column.addWidget(block)
    return card, pill


def _shown_at_overall(finding: Finding) -> bool:
    return finding.field in (None, TextField.OVERALL) and "completeness" not in finding.sentence


def _first_open(case: Case) -> str:
    """The first criterion without a level, else the first one."""
    ids = [criterion.id for criterion in case.rubric.criteria]
    return next((one for one in ids if not case.review.work(one).level), ids[0])
