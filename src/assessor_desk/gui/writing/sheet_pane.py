"""A pane in which somebody works on the open submission, criterion by criterion, beside its evidence."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence

from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from assessor_desk.desk.answers import Case
from assessor_desk.domain.choices import criterion_of
from assessor_desk.domain.feedback import Finding
from assessor_desk.domain.review import TextField
from assessor_desk.domain.rubric import Rubric
from assessor_desk.gui import theme
from assessor_desk.gui.actions import default_keys
from assessor_desk.gui.controls import EmptyState
from assessor_desk.gui.ordinals import ordinal_in_words
from assessor_desk.gui.session import Session
from assessor_desk.gui.side_pane import SidePane
from assessor_desk.gui.writing.occasion import SEALING, Occasion
from assessor_desk.gui.writing.sheet_card import SheetCard
from assessor_desk.gui.writing.sheet_page import SheetPage
from assessor_desk.gui.writing.text_block import TextBlock
from assessor_desk.gui.writing.texts import Texts
from assessor_desk.gui.writing.two_answers import Stand, TwoAnswers


class SheetPane(SidePane):
    """Cards for the criteria, one of them current, and texts kept while they are typed.

    What the sheet is, a review or a coach's notes, is for the subclasses to say.
    """

    occasion: Occasion = SEALING

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.cards: dict[str, SheetCard] = {}
        self._shown: tuple[str, str, str] = ("", "", "")
        self._rubric: Rubric | None = None
        self._current = ""
        self._key_of: Callable[[str], str] = _default_key
        self._overdue = False
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._nothing_open())
        self.page = SheetPage(self)
        self.page.banner.looked_again.connect(self._on_looked_again)
        self.page.banner.before_wanted.connect(self.work_before_wanted)
        self._stack.addWidget(self.page)
        self.texts = Texts(session, self)
        self.texts.arrived.connect(self._on_arrived)
        self.lead()
        session.case_changed.connect(self._show)
        theme.changed.connect(self._show)
        self._show()

    def _nothing_open(self) -> QWidget:
        words = "Choose one on the left. Its evidence opens in the middle, its rubric here."
        return EmptyState("checklist", "No submission open", words, parent=self)

    # What a subclass says

    @abstractmethod
    def lead(self) -> None:
        """Put at the foot of the page where it leads."""

    @abstractmethod
    def works_on(self, case: Case) -> bool:
        """Whether this is the pane for a submission."""

    @abstractmethod
    def fill(self, case: Case, content: QWidget, column: QVBoxLayout) -> None:
        """Build the cards of a submission, those of criteria as `cards`."""

    @abstractmethod
    def show_cards(self, case: Case) -> None:
        """Show in the cards what stands."""

    @abstractmethod
    def show_around(self, case: Case) -> None:
        """Show header and foot."""

    @abstractmethod
    def first_open(self, case: Case) -> str:
        """The criterion to begin with."""

    # What is shown

    @property
    def current_criterion(self) -> str:
        """The id of the criterion being worked on, empty where none is."""
        return self._current

    @property
    def submission_id(self) -> str:
        """The submission that the cards were made for, also while another one is just being opened."""
        return self.texts.submission_id

    def _show(self) -> None:
        case = self.session.case
        if case is not None and not self.works_on(case):
            case = None
        self._stack.setCurrentIndex(0 if case is None else 1)
        if case is None:
            self._shown = ("", "", "")
            return
        wanted = (case.sheet.id, case.rubric.id, case.rubric.version)
        if wanted != self._shown and self.texts.unwritten:
            self._overdue = True
            self.flush()
            return
        if wanted != self._shown:
            self._shown = wanted
            self._turn_to(case)
            self._current = self.first_open(case)
            self.criterion_activated.emit(self._current)
        self.page.banner.show_case(case)
        self.show_around(case)
        self.show_cards(case)
        self._show_answers(case)
        for card in self.cards.values():
            card.setAcceptDrops(case.anchoring and case.cites)

    def _show_answers(self, case: Case) -> None:
        """Where two computers answered without seeing each other, both answers stand there until one is kept."""
        found = {} if case.read_only and not case.set_aside else case.sheet.chosen_twice
        titles = self.session.desk.device_titles() if found else {}
        by_card: dict[str, list[Stand]] = {}
        for place, stand in found.items():
            by_card.setdefault(criterion_of(place, self.cards), []).append((place, stand))
        for criterion, panel in self._panels():
            shown = by_card.get(criterion, ())
            panel.show_choices(shown, case.sheet, case.rubric, titles, to_choose=not case.read_only)

    def _panels(self) -> Iterator[tuple[str, TwoAnswers]]:
        yield "", self.answers
        yield from ((criterion, card.answers) for criterion, card in self.cards.items())

    def _turn_to(self, case: Case) -> None:
        """The cards serve every submission of their rubric: to build them takes longer than all else in opening one."""
        if case.rubric == self._rubric:
            self.page.renew()
            self.texts.turn_to(case.submission.id)
            self.renew(case)
        else:
            self._rubric = case.rubric
            self._build(case)

    def renew(self, case: Case) -> None:
        """Let the cards forget what belonged to the submission before; `case` is shown next."""
        for card in self.cards.values():
            card.renew()

    def _build(self, case: Case) -> None:
        self.texts.begin(case.submission.id)
        self.cards = {}
        content = QWidget()
        content.setObjectName("rubricContent")
        column = QVBoxLayout(content)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(10)
        self.answers = TwoAnswers(content)
        self.answers.kept.connect(self._on_answer_kept)
        self.answers.settled.connect(self.page.take_focus)
        column.addWidget(self.answers)
        self.fill(case, content, column)
        column.addStretch(1)
        self.page.show_cards(content)

    def whole_block(self, field: TextField, lines: int, parent: QWidget) -> TextBlock:
        """A text of the whole, kept while it is typed."""
        block = TextBlock(field, parent, lines, self.occasion)
        self.texts.join(block, field)
        block.keep_wanted.connect(self.keep_wanted)
        block.grown.connect(self.page.follow_writing)
        return block

    def join(self, card: SheetCard) -> None:
        """Keep what is typed in a card, and hear what is done in it."""
        self.cards[card.criterion.id] = card
        card.answers.kept.connect(self._on_answer_kept)
        card.answers.settled.connect(self.page.take_focus)
        for field, block in card.blocks.items():
            self.texts.join(block, field, card.criterion.id)
            block.grown.connect(self.page.follow_writing)
        card.rearranged.connect(self.page.rearranged)
        card.activated.connect(self.activate)
        card.anchor_activated.connect(self.anchor_activated)
        card.anchor_wanted.connect(self.anchor_wanted)
        card.anchor_given.connect(self.anchor_given)
        card.carried_over.connect(self.page.scroll_at_edge)
        card.keep_wanted.connect(self.keep_wanted)
        card.show_keys(self._key_of)

    def dress_keys(self, key_of: Callable[[str], str]) -> None:
        """Say the person's keys where they are told: `key_of` an act's id gives its first key in words."""
        self._key_of = key_of
        for card in self.cards.values():
            card.show_keys(key_of)

    def say_facts(self, case: Case, *further: str) -> None:
        """The rubric's title and, under it, what submission this is; `further` facts follow on lines of their own."""
        self.page.title.setText(case.rubric.title)
        hidden = "names hidden" if case.assignment.blindness.name else ""
        hides = case.assignment.blindness.attempt and not case.submission.draft
        which = "" if hides else ordinal_in_words(case.submission.attempt, draft=case.submission.draft)
        sample = "sample rubric, not for decisions" if case.rubric.sample else ""
        parts = [case.submission.key, which, hidden, f"rubric {case.rubric.version}", sample]
        self.page.facts.setText("\n".join(filter(None, (" · ".join(filter(None, parts)), *further))))

    # What a person does

    def activate(self, criterion_id: str) -> None:
        """Make a criterion the current one."""
        if criterion_id == self._current or criterion_id not in self.cards:
            return
        if before := self.cards.get(self._current):
            before.flush()
        self._current = criterion_id
        self.criterion_activated.emit(criterion_id)
        if case := self.session.case:
            self.show_cards(case)
        self.page.follow(self.cards[criterion_id])

    def step_criterion(self, step: int) -> None:
        """Go to the next (1) or previous (-1) criterion."""
        ids: Sequence[str] = list(self.cards)
        if ids:
            index = ids.index(self._current) if self._current in ids else -step
            self.activate(ids[max(0, min(len(ids) - 1, index + step))])

    def focus_text(self) -> None:
        """Put the cursor into the first empty text of the current criterion."""
        if card := self.cards.get(self._current):
            card.focus_text()
            self.page.follow_writing()

    @abstractmethod
    def show_finding(self, finding: Finding) -> None:
        """Go to what a finding is about."""

    def flush(self) -> None:
        """Send every text that is still being typed, before anything else is done."""
        self.texts.flush()

    def reveal_answers(self, finding: Finding) -> bool:
        """Go to the answers that a finding is about; False where it is about something else."""
        shown = {criterion: panel for criterion, panel in self._panels() if panel.shown}
        if finding.check != "D1" or finding.field is not None or finding.subject not in shown:
            return False
        if finding.subject:
            self.activate(finding.subject)
        shown[finding.subject].focus()
        self.page.reveal(shown[finding.subject])
        return True

    def go_to_text(self, block: TextBlock) -> None:
        """Put the cursor into a text, in sight, also where two stand in its place."""
        block.focus()
        if not block.two_texts.isHidden():
            self.page.reveal(block.two_texts)

    def _on_answer_kept(self, entry_id: str) -> None:
        own_id = self.submission_id
        self.flush()
        self.session.act(lambda desk: desk.keep_choice(own_id, entry_id))

    def _on_looked_again(self) -> None:
        own_id, case = self.submission_id, self.session.case
        version = case.submission.version if case else ""
        self.session.act(lambda desk: desk.confirm_second_look(own_id, version))

    def _on_arrived(self) -> None:
        if self._overdue and not self.texts.unwritten:
            self._overdue = False
            self._show()


def _default_key(action_id: str) -> str:
    return next(iter(default_keys(action_id)), "")
