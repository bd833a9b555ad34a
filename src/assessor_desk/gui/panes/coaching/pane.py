"""Notes on a draft beside its evidence: nothing is scored, and the educator alone reads what goes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from assessor_desk.desk.answers import Case
from assessor_desk.desk.changes import Changes
from assessor_desk.domain.coaching import CoachingNotes, Uptake
from assessor_desk.domain.feedback import Finding
from assessor_desk.domain.review import TextField
from assessor_desk.gui.controls import outlined_button, primary_button
from assessor_desk.gui.panes.coaching.coaching_card import CoachingCard
from assessor_desk.gui.panes.coaching.earlier_notes import earlier_notes
from assessor_desk.gui.panes.coaching.placed_notes import PlacedNotes
from assessor_desk.gui.panes.coaching.whole_draft import DraftBefore, Elsewhere
from assessor_desk.gui.panes.coaching.wording import limits_in_words, progress_in_words
from assessor_desk.gui.writing.finding_lines import FindingLines
from assessor_desk.gui.writing.occasion import HANDING_BACK
from assessor_desk.gui.writing.sheet_pane import SheetPane
from assessor_desk.gui.writing.text_field import LineField
from assessor_desk.gui.writing.whole_card import WholeCard

if TYPE_CHECKING:
    from assessor_desk.desk import Desk


class CoachingPane(SheetPane):
    """Cards for the draft before, each criterion, what is noted elsewhere, the whole, and the coach's own notes."""

    hand_back_wanted = Signal()
    files_wanted = Signal()
    draft_wanted = Signal(str)
    earlier_wanted = Signal()

    occasion = HANDING_BACK
    _folded = False

    # The page

    def lead(self) -> None:
        """Hand back, and save what went back as files."""
        self._hand_back = primary_button("Hand back…", self.page)
        self._hand_back.clicked.connect(self.hand_back_wanted)
        self._files = outlined_button("Save as files…", self.page)
        self._files.clicked.connect(self.files_wanted)
        self.page.lead_to(self._files, self._hand_back)

    def works_on(self, case: Case) -> bool:
        """Where the person coaches."""
        return case.notes is not None

    def renew(self, case: Case) -> None:
        """Places noted before are not new."""
        super().renew(case)
        self._places = {anchor.id for anchor in case.sheet.anchors}

    def fill(self, case: Case, content: QWidget, column: QVBoxLayout) -> None:
        """The cards, from the draft before to what is only for the coach."""
        self._places = {anchor.id for anchor in case.sheet.anchors}
        self._before = DraftBefore(content)
        self._before.draft_wanted.connect(self.draft_wanted)
        self._before.earlier_wanted.connect(self.earlier_wanted)
        column.addWidget(self._before)
        self._coached: dict[str, CoachingCard] = {}
        for number, criterion in enumerate(case.rubric.criteria, start=1):
            card = CoachingCard(number, criterion, content)
            card.anchor_taken.connect(self._on_anchor_removed)
            card.uptake_marked.connect(self._on_uptake)
            card.levels_folded.connect(self._on_levels_folded)
            self._join_lines(card.placed)
            self.join(card)
            self._coached[criterion.id] = card
            column.addWidget(card)
        self._elsewhere = Elsewhere(content)
        self._elsewhere.uptake_marked.connect(self._on_uptake)
        self._elsewhere.placed.anchor_activated.connect(self.anchor_activated)
        self._elsewhere.placed.anchor_removed.connect(lambda anchor: self._on_anchor_removed("", anchor))
        self._join_lines(self._elsewhere.placed)
        column.addWidget(self._elsewhere)
        self._open_points = FindingLines(content, HANDING_BACK)
        self._open_points.keep_wanted.connect(self.keep_wanted)
        column.addWidget(self._open_points)
        self._overall = self.whole_block(TextField.OVERALL, lines=3, parent=content)
        self._overall_card = WholeCard(self._overall, content)
        column.addWidget(self._overall_card)
        self._notes = self.whole_block(TextField.NOTES, lines=2, parent=content)
        column.addWidget(WholeCard(self._notes, content))

    def _join_lines(self, placed: PlacedNotes) -> None:
        placed.line_made.connect(self._on_line_made)
        placed.line_gone.connect(self.texts.part)
        placed.rearranged.connect(self.page.rearranged)

    def _on_line_made(self, anchor_id: str, field: LineField) -> None:
        own_id = self.submission_id
        self.texts.join_line(
            field, lambda desk, note, over: desk.name_anchor(own_id, anchor_id, note.strip(), over)
        )
        field.grown.connect(self.page.follow_writing)

    # What is shown

    def first_open(self, case: Case) -> str:
        """The first criterion without a word on it, else the first one."""
        assert case.notes is not None
        ids = [criterion.id for criterion in case.rubric.criteria]
        return next((one for one in ids if not case.notes.speaks_of(one)), ids[0])

    def show_around(self, case: Case) -> None:
        """What is coached, how far help may go, and how far it has come."""
        assert case.notes is not None
        self.say_facts(case, limits_in_words(case, case.notes))
        self.page.progress.setText(progress_in_words(case, case.notes))
        back = case.notes.handed_back is not None
        self._hand_back.setVisible(not case.read_only)
        self._hand_back.setEnabled(not back or case.changed_since)
        nothing_new = "Nothing has changed since the notes went back"
        self._hand_back.setToolTip("" if self._hand_back.isEnabled() else nothing_new)
        self._files.setVisible(back)

    def show_cards(self, case: Case) -> None:
        """How the notes stand."""
        assert case.notes is not None
        earlier = earlier_notes(case)
        self._before.show_case(case)
        for index, (criterion_id, card) in enumerate(self._coached.items()):
            card.show_case(
                case,
                earlier.get(criterion_id, ()),
                current=criterion_id == self.current_criterion,
                colour_index=index,
                folded=self._folded,
            )
        self._elsewhere.show_case(case, earlier.get("", ()))
        self._show_whole(case, case.notes)
        self._follow_new_place(case)

    def _show_whole(self, case: Case, notes: CoachingNotes) -> None:
        general = [one for one in case.findings if not one.subject]
        on_overall = [one for one in general if one.field is TextField.OVERALL]
        self._overall.show_text(notes.overall, read_only=case.read_only)
        self._overall.show_findings(on_overall, read_only=case.read_only)
        self._overall_card.pill.setVisible(any(one.blocks for one in on_overall) and not case.read_only)
        self._notes.show_text(notes.notes, read_only=case.read_only)
        loose = [one for one in general if one not in on_overall and one.check != "D1"]
        self._open_points.show_findings(() if case.read_only else loose)

    def _follow_new_place(self, case: Case) -> None:
        """A place just anchored asks for its line."""
        ids = {anchor.id for anchor in case.sheet.anchors}
        fresh, self._places = ids - self._places, ids
        for anchor in case.sheet.anchors:
            if anchor.id in fresh and len(fresh) == 1 and not anchor.note:
                if card := self._coached.get(self.current_criterion):
                    card.placed.focus_line(anchor.id)
                self.page.follow_writing()

    # What the coach does

    def show_finding(self, finding: Finding) -> None:
        """Go to what a finding is about."""
        if self.reveal_answers(finding):
            return
        if card := self._coached.get(finding.subject):
            self.activate(finding.subject)
            if finding.field in card.blocks:
                self.go_to_text(card.blocks[finding.field])
            else:
                card.focus_text()
            self.page.follow(card)
            return
        self.go_to_text(self._notes if finding.field is TextField.NOTES else self._overall)
        self.page.follow_writing()

    def _act(self, act: Callable[[Desk, str], Changes]) -> None:
        own_id = self.submission_id
        self.session.act(lambda desk: act(desk, own_id))

    def _on_uptake(self, key: str, uptake: Uptake | None) -> None:
        self._act(lambda desk, own_id: desk.mark_uptake(own_id, key, uptake))

    def _on_levels_folded(self, folded: bool) -> None:
        """For every criterion, until the window is closed."""
        self._folded = folded
        if case := self.session.case:
            self.show_cards(case)

    def _on_anchor_removed(self, criterion_id: str, anchor_id: str) -> None:
        """A note at a place goes with its place, unless another criterion speaks of it too."""
        case = self.session.case
        cited = case.sheet.criteria_citing(anchor_id) if case else ()
        self.page.take_focus()
        if criterion_id and len(cited) > 1:
            self._act(lambda desk, own_id: desk.take_anchor(own_id, anchor_id, criterion_id))
        else:
            self._act(lambda desk, own_id: desk.remove_anchor(own_id, anchor_id))
