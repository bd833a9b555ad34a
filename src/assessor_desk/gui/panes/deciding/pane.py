"""What a reviewer decides on: the delivered review to be read, whether its packet holds, and the decision prepared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.domain.review import TextField
from assessor_desk.domain.submission import reasons_in_words
from assessor_desk.gui import theme
from assessor_desk.gui.controls import Card, EmptyState, outlined_button, primary_button, quiet_button
from assessor_desk.gui.deciding_words import (
    TITLES_OF,
    badge_to_save,
    hindrance,
    moment,
    prepared,
    taken,
    was_refused,
)
from assessor_desk.gui.panes.deciding.header import ReviewHeader
from assessor_desk.gui.panes.deciding.passage import Passage
from assessor_desk.gui.panes.deciding.review_card import ReviewCard
from assessor_desk.gui.session import Session
from assessor_desk.gui.side_pane import SidePane
from assessor_desk.gui.writing.sheet_page import SheetPage
from assessor_desk.gui.writing.two_answers import TwoAnswers

if TYPE_CHECKING:
    from assessor_desk.desk.answers import Case
    from assessor_desk.desk.queued import FoundText
    from assessor_desk.domain.feedback import Finding
    from assessor_desk.verdict import Verdict


class _ReadingPage(SheetPage):
    """A page with the decision over its buttons: its words need the whole width."""

    def _header(self) -> QWidget:
        self._head = super()._header()
        return self._head

    def add_to_header(self, widget: QWidget) -> None:
        """Put something below the facts."""
        layout = self._head.layout()
        assert layout is not None
        layout.addWidget(widget)

    def _footer(self) -> QWidget:
        footer = super()._footer()
        self._foot.removeWidget(self.progress)
        self._foot.setContentsMargins(0, 0, 0, 0)
        outer = QWidget(self)
        outer.setObjectName("rubricFooter")
        outer.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        footer.setObjectName("")
        column = QVBoxLayout(outer)
        column.setContentsMargins(16, 10, 16, 10)
        column.setSpacing(8)
        column.addWidget(self.progress)
        column.addWidget(footer)
        return outer

    def lead_to(self, *buttons: QPushButton) -> None:
        """Put buttons at the foot: the first at the left, the others at the right."""
        for number, button in enumerate(buttons):
            self._foot.addWidget(button)
            if not number:
                self._foot.addStretch(1)


class DecidingPane(SidePane):
    """The review looked at, read only, over the decision as it stands. It stores nothing."""

    decide_wanted = Signal()
    pass_back_wanted = Signal()
    anew_wanted = Signal()
    report_wanted = Signal()
    verdict_wanted = Signal()
    release_wanted = Signal()
    badge_wanted = Signal()
    may_decide = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.verdict: Verdict | None = None
        self.refused: tuple[tuple[str, str], ...] = ()
        self._asked = ""
        self._shown: tuple[str, ...] = ()
        self._current = ""
        self._wanted: FoundText | None = None
        self.cards: dict[str, ReviewCard] = {}
        self._overall: Passage | None = None
        self._stack = QStackedLayout(self)
        words = "Its evidence opens in the middle, what the assessor made of it on this side."
        self._stack.addWidget(EmptyState("checklist", "Nothing to decide on", words, parent=self))
        self.page = _ReadingPage(self)
        self.page.banner.before_wanted.connect(self.work_before_wanted)
        self.header = ReviewHeader(self.page)
        self.page.add_to_header(self.header)
        self.answers = TwoAnswers(self.page)
        self.answers.kept.connect(lambda one: session.act(lambda desk: desk.keep_choice(self._shown[0], one)))
        self.answers.settled.connect(self.page.take_focus)
        self.page.add_to_header(self.answers)
        self.header.verdict_wanted.connect(self.verdict_wanted)
        self.header.review_chosen.connect(session.look_at)
        self._stack.addWidget(self.page)
        self._lead()
        session.case_changed.connect(self._show)
        theme.changed.connect(self._show_again)
        self._show()

    def _lead(self) -> None:
        self._report = quiet_button("Look at the report", self.page)
        self._report.clicked.connect(self.report_wanted)
        self._back = outlined_button("Pass back…", self.page)
        self._back.clicked.connect(self.pass_back_wanted)
        self._anew = primary_button("Decide anew…", self.page)
        self._anew.clicked.connect(self.anew_wanted)
        self._decide = primary_button("Decide and seal…", self.page)
        self._decide.clicked.connect(self.decide_wanted)
        self._release = primary_button("Release…", self.page)
        self._release.clicked.connect(self.release_wanted)
        self._badge = outlined_button("Save badge…", self.page)
        self._badge.clicked.connect(self.badge_wanted)
        self.page.lead_to(self._report, self._back, self._anew, self._decide, self._release, self._badge)

    # What is shown

    @property
    def current_criterion(self) -> str:
        """The id of the criterion looked at, empty where none is."""
        return self._current

    @property
    def hindrance(self) -> str:
        """Why nothing can be decided now; empty where it can."""
        case = self._session.case
        return hindrance(case, self.verdict, self._refused_words()) if case else ""

    def _show_again(self) -> None:
        self._shown = ()
        self._show()

    def _show(self) -> None:
        case = self._session.case
        if case is None or case.decision is None:
            self._stack.setCurrentIndex(0)
            self._shown, self._asked = (), ""
            return
        self._stack.setCurrentIndex(1)
        self._ask(case)
        looked_at = case.looked_at
        wanted = (case.submission.id, looked_at.packet if looked_at else "")
        if wanted != self._shown:
            self._shown = wanted
            self._build(case)
        self._show_around(case)
        self._go_to_wanted(case)

    def _ask(self, case: Case) -> None:
        """Have the packet looked at checked as of now, once each time it is opened."""
        own_id, packet = case.submission.id, case.looked_at.packet if case.looked_at else ""
        asked = f"{own_id} {packet} {case.read_only}"
        if asked == self._asked:
            return
        self._asked, self.verdict, self.refused = asked, None, ()
        desk = self._session.desk

        def work() -> tuple[Verdict | None, tuple[tuple[str, str], ...]]:
            refused = tuple(desk.queue.refused_packets(own_id))
            return (desk.verdict_on(packet) if packet else None), refused

        def done(answer: tuple[Verdict | None, tuple[tuple[str, str], ...]]) -> None:
            if asked == self._asked and self._session.case is not None:
                self.verdict, self.refused = answer
                self._show_around(self._session.case)
                self.may_decide.emit()

        def failed(error: DeskError) -> None:
            self._session.notices.tell(sentence(error), "danger")

        self._session.tasks.side(work, done, failed)

    def _show_answers(self, case: Case) -> None:
        """Where two computers decided without seeing each other, both answers stand there until one is kept."""
        found = {} if case.read_only else case.sheet.chosen_twice
        titles = self._session.desk.device_titles() if found else {}
        self.answers.show_choices(tuple(found.items()), case.sheet, case.rubric, titles)

    def _refused_words(self) -> str:
        return f"A packet came and does not hold. {self.refused[-1][1]}" if self.refused else ""

    @property
    def packet_told(self) -> str:
        """The digest of the packet that the header speaks of; empty where there is none."""
        case = self._session.case
        if case is not None and case.looked_at is not None:
            return case.looked_at.packet
        return self.refused[-1][0] if self.refused else ""

    def _show_around(self, case: Case) -> None:
        self._show_facts(case)
        self.page.banner.show_work_before(case)
        self.header.show_reviews(case)
        self._show_answers(case)
        self.header.show_verdict(case, self.verdict, self._refused_words())
        told = hindrance(case, self.verdict, self._refused_words())
        decided, ready = taken(case), prepared(case)
        checking = bool(case.delivered) and self.verdict is None
        words = decided or "\n".join(filter(None, (ready, told if not checking else "")))
        self.page.progress.setText(words or told)
        deciding = not case.read_only
        self._report.setVisible(bool(ready) or (case.decision is not None and self._is_decided(case)))
        self._back.setVisible(deciding)
        self._back.setEnabled(bool(case.delivered) and not case.holds)
        self._anew.setVisible(was_refused(case))
        self._decide.setVisible(deciding)
        self._decide.setEnabled(not told)
        self._decide.setToolTip(told)
        self._release.setVisible(self._is_decided(case) and case.released is None and not was_refused(case))
        self._badge.setVisible(badge_to_save(case))

    def _is_decided(self, case: Case) -> bool:
        seal = case.decision.seal if case.decision else None
        return seal is not None and seal.outcome is not None

    def _show_facts(self, case: Case) -> None:
        self.page.title.setText(case.rubric.title)
        parts = [case.submission.key]
        if not case.assignment.blindness.attempt:
            parts.append(f"attempt {case.submission.attempt}")
        parts.append(f"rubric {case.rubric.version}")
        if case.rubric.sample:
            parts.append("sample rubric, not for decisions")
        lines = [" · ".join(parts)]
        # Once the packet is checked, the line below says the same.
        if (one := case.looked_at) and (self.verdict is None or self.verdict.exit_code()):
            lines.append(f"Sealed by assessor {one.person}, {moment(one.sealed_at)}")
        self.page.facts.setText("\n".join(lines))

    # The cards

    def _build(self, case: Case) -> None:
        self.cards, self._overall = {}, None
        content = QWidget()
        content.setObjectName("rubricContent")
        column = QVBoxLayout(content)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(10)
        if case.looked_at is None:
            column.addWidget(_waiting(content))
        else:
            column.addWidget(self._whole_card(case, content))
            if case.review.completeness == ():
                self._add_criteria(case, content, column)
        column.addStretch(1)
        self.page.show_cards(content)
        ids = list(self.cards)
        self._current = next((one for one in ids if _below(case, one)), ids[0] if ids else "")
        self._frame_current()
        self.criterion_activated.emit(self._current)

    def _whole_card(self, case: Case, content: QWidget) -> Card:
        """What the assessor recommends, and what they say of the whole."""
        assert case.looked_at is not None
        card = Card(content)
        column = QVBoxLayout(card)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        title = QLabel(f"Recommended: {TITLES_OF[case.looked_at.recommendation].lower()}", card)
        title.setObjectName("criterionTitle")
        column.addWidget(title)
        for words in reasons_in_words(case.review.completeness or (), case.review.missing_parts):
            reason = QLabel(f"· {words}", card)
            reason.setWordWrap(True)
            column.addWidget(reason)
        for (check, _), why in case.review.kept.items():
            kept = QLabel(f"{check} kept: {why}", card)
            kept.setObjectName("muted")
            kept.setWordWrap(True)
            kept.setTextFormat(Qt.TextFormat.PlainText)
            column.addWidget(kept)
        self._overall = Passage(TextField.OVERALL, case.review.overall, card)
        column.addWidget(self._overall)
        return card

    def _add_criteria(self, case: Case, content: QWidget, column: QVBoxLayout) -> None:
        for number, criterion in enumerate(case.rubric.criteria, start=1):
            card = ReviewCard(number, criterion, case.review, case.submission, content)
            card.activated.connect(self.activate)
            card.anchor_activated.connect(self.anchor_activated)
            self.cards[criterion.id] = card
            column.addWidget(card)

    def _frame_current(self) -> None:
        for criterion_id, card in self.cards.items():
            card.set_current(criterion_id == self._current)

    # What a person does

    def activate(self, criterion_id: str) -> None:
        """Make a criterion the current one."""
        if criterion_id in self.cards:
            self._current = criterion_id
            self._frame_current()
            self.page.follow(self.cards[criterion_id])
            self.criterion_activated.emit(criterion_id)

    def step_criterion(self, step: int) -> None:
        """Go to the next (1) or previous (-1) criterion."""
        ids = list(self.cards)
        if ids:
            index = ids.index(self._current) if self._current in ids else -step
            self.activate(ids[max(0, min(len(ids) - 1, index + step))])

    def focus_text(self) -> None:
        """Put the cursor into the first text of the current criterion, else into the overall feedback."""
        card = self.cards.get(self._current)
        passage = next(iter(card.passages.values()), None) if card else self._overall
        if passage is not None:
            passage.words.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.page.reveal(passage)

    def show_finding(self, finding: Finding) -> None:
        """Go to the criterion that a finding is about."""
        self.activate(finding.subject)

    def flush(self) -> None:
        """Nothing is written here."""

    def step_review(self) -> None:
        """Look at the next of several delivered reviews."""
        case = self._session.case
        if case is not None and case.looked_at is not None:
            packets = [one.packet for one in case.delivered]
            self._session.look_at(packets[(packets.index(case.looked_at.packet) + 1) % len(packets)])

    def reveal_text(self, found: FoundText) -> None:
        """Go to a text that was found, now or once its submission is open."""
        self._wanted = found
        if (case := self._session.case) is not None:
            self._go_to_wanted(case)

    def _go_to_wanted(self, case: Case) -> None:
        found = self._wanted
        if found is None or found.submission_id != case.submission.id or case.looked_at is None:
            return
        if case.looked_at.packet != found.digest and any(
            one.packet == found.digest for one in case.delivered
        ):
            self._session.look_at(found.digest)
            return
        self._wanted = None
        self._light_up(case, found)

    def _light_up(self, case: Case, found: FoundText) -> None:
        for one in self._all_passages():
            one.light_up("")
        if found.field == "anchor":
            self._go_to_anchor(case, found)
            return
        self.activate(found.criterion)
        card = self.cards.get(found.criterion)
        passage = card.passages.get(TextField(found.field)) if card else self._overall
        if passage is not None:
            passage.light_up(found.hit)
            passage.words.setFocus(Qt.FocusReason.OtherFocusReason)
            self.page.reveal(passage)

    def _all_passages(self) -> list[Passage]:
        of_cards = [one for card in self.cards.values() for one in card.passages.values()]
        return [*of_cards, self._overall] if self._overall else of_cards

    def _go_to_anchor(self, case: Case, found: FoundText) -> None:
        """The line of an anchor, or the words that it quotes: what it marks is shown."""
        anchor = next((one for one in case.review.anchors if found.hit and found.hit in one.said), None)
        if anchor is not None:
            for criterion_id in case.review.criteria_citing(anchor.id):
                self.activate(criterion_id)
                break
            self.anchor_activated.emit(anchor.id)


def _below(case: Case, criterion_id: str) -> bool:
    level = case.review.work(criterion_id).level
    return level is not None and not case.rubric.criterion(criterion_id).passes(level)


def _waiting(parent: QWidget) -> QWidget:
    words = (
        "What the assessor writes appears here after the next sync, once the review is sealed and on the hub."
    )
    return EmptyState("checklist", "Awaiting a review", words, parent=parent)
