"""One criterion: its levels, the evidence it cites, why, and what the educator will read.

The current card is open; the others show their level and what they cite, and open when clicked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QWidget

from assessor_desk.desk.answers import Case
from assessor_desk.domain.anchor import Anchor
from assessor_desk.domain.anchor_signs import sign_of
from assessor_desk.domain.review import TITLES, CriterionWork, EntryKind, TextField
from assessor_desk.domain.rubric import Criterion, EvidenceRequirement
from assessor_desk.gui import theme
from assessor_desk.gui.controls import Chip, quiet_button
from assessor_desk.gui.flow_layout import FlowLayout
from assessor_desk.gui.panes.rubric.earlier_step import EarlierStep
from assessor_desk.gui.panes.rubric.level_chooser import LevelChooser
from assessor_desk.gui.writing.finding_lines import FindingLines
from assessor_desk.gui.writing.placed_chip import placed_chip
from assessor_desk.gui.writing.sheet_card import SheetCard
from assessor_desk.gui.writing.what_counts import WhatCounts

#: Fields that matter once the level is known: below passing the way forward, at or above it what comes after.
_BELOW = (TextField.NEXT_STEP, TextField.WOULD_SHOW)
_PASSED = (TextField.EXTENSION,)
_ALWAYS = (TextField.RATIONALE, TextField.STRENGTH)


class CriterionCard(SheetCard):
    """A card for one criterion; says what the assessor does and stores nothing."""

    level_chosen = Signal(str, object)
    no_evidence_declared = Signal(str, bool)
    earlier_step_marked = Signal(str, object)

    def __init__(self, number: int, criterion: Criterion, parent: QWidget | None = None) -> None:
        super().__init__(number, criterion, parent)
        self._current = False
        self._asked_for: set[TextField] = set()
        self._chips_of: tuple[object, ...] = ()
        layout = self.column
        self._earlier = EarlierStep(self)
        self._earlier.marked.connect(lambda told: self.earlier_step_marked.emit(criterion.id, told))
        layout.addWidget(self._earlier)
        self.levels = LevelChooser(criterion, self)
        self.levels.level_chosen.connect(lambda level: self.level_chosen.emit(criterion.id, level))
        layout.addWidget(self.levels)
        self._what_counts = WhatCounts(criterion.level(criterion.passing), self)
        layout.addWidget(self._what_counts)
        self._cited = QWidget(self)
        self._cited_layout = FlowLayout(self._cited, gap=8)
        layout.addWidget(self._cited)
        self._none_found = QCheckBox("No evidence found for this criterion", self)
        self._none_found.clicked.connect(lambda on: self.no_evidence_declared.emit(criterion.id, on))
        layout.addWidget(self._none_found)
        self.open_points = FindingLines(self)
        self.open_points.keep_wanted.connect(self.keep_wanted)
        layout.addWidget(self.open_points)
        self.add_blocks((*_ALWAYS, *_BELOW, *_PASSED))
        self._further = QWidget(self)
        layout.addWidget(self._further)
        self._adders = self._further_fields()

    def show_keys(self, key_of: Callable[[str], str]) -> None:
        """Also those of the levels."""
        super().show_keys(key_of)
        self.levels.show_keys(key_of)

    def _further_fields(self) -> dict[TextField, QPushButton]:
        """Buttons for the texts that this level does not ask for, but that may be written all the same."""
        row = QHBoxLayout(self._further)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        adders = {}
        for field in (*_BELOW, *_PASSED):
            button = quiet_button(f"+ {TITLES[field]}", self._further)
            button.setProperty("small", True)
            button.clicked.connect(lambda _=False, wanted=field: self._on_further(wanted))
            row.addWidget(button)
            adders[field] = button
        row.addStretch(1)
        return adders

    def _on_further(self, field: TextField) -> None:
        self._asked_for.add(field)
        self._adders[field].hide()
        self.blocks[field].show()
        self.blocks[field].focus()

    def offer_evidence(self, requirements: Sequence[EvidenceRequirement]) -> None:
        """What the rubric wants as evidence for this criterion: a hint, and titles to be inserted."""
        if requirements:
            first = requirements[0]
            block = self.blocks[TextField.WOULD_SHOW]
            length = first.length[:1].lower() + first.length[1:]
            block.hint(f"From the rubric: {first.title.lower()}, {length}…")
            block.offer("From the rubric", [requirement.title for requirement in requirements])

    def renew(self) -> None:
        """Only the texts that its level asks for, and what counts behind its link."""
        self._asked_for.clear()
        self._what_counts.fold()

    def show_case(self, case: Case, *, current: bool, colour_index: int) -> None:
        """Show this criterion's part of the review."""
        self._current = current
        work = case.review.work(self.criterion.id)
        self.set_current(current)
        moved = case.review.moved
        twice = (EntryKind.SCORE_RECORDED, (self.criterion.id,)) in case.review.chosen_twice
        again = moved is not None and self.criterion.id in moved.levels_before
        self._show_level(work, again=again, twice=twice and (case.set_aside or not case.read_only))
        self._show_earlier(case)
        self.levels.setVisible(current)
        self.levels.setEnabled(not case.read_only)
        self._what_counts.show_here(current)
        self._show_cited(case, work, colour_index)
        self._none_found.setVisible(current and not work.anchors and work.level is not None)
        self._none_found.setEnabled(not case.read_only)
        self._none_found.setChecked(work.no_evidence)
        self._show_texts(case, work)

    def _show_earlier(self, case: Case) -> None:
        earlier = case.submission.earlier
        said = earlier.feedback.on(self.criterion.id) if earlier and earlier.feedback else None
        self._earlier.setVisible(self._current and said is not None)
        if earlier and said:
            answer = case.review.earlier_steps.get(self.criterion.id)
            self._earlier.show_step(earlier.attempt, said, answer, read_only=case.read_only)

    def _show_level(self, work: CriterionWork, *, again: bool, twice: bool) -> None:
        self.levels.show_level(None if twice else work.level)
        if twice:
            self.pill.say("two levels", "caution")
            return
        if work.level is None:
            self.pill.say("score again" if again else "not scored", "neutral")
            return
        level = self.criterion.level(work.level)
        self.pill.say(level.title, "positive" if self.criterion.passes(level.id) else "caution")

    def _show_cited(self, case: Case, work: CriterionWork, colour_index: int) -> None:
        placed = [found for one in work.anchors if (found := case.review.anchor(one))]
        adding = self._current and not case.read_only
        chips_of = (tuple(placed), theme.anchor_colour(colour_index).rgba(), adding, case.read_only)
        if chips_of == self._chips_of:
            return
        self._chips_of = chips_of
        while (held := self._cited_layout.takeAt(0)) is not None:
            if widget := held.widget():
                widget.hide()
                widget.deleteLater()
        for anchor in placed:
            self._cited_layout.addWidget(self._chip(case, anchor, colour_index))
        if adding:
            self._cited_layout.addWidget(self.adding_chip(self._cited))
        self._cited.setVisible(self._cited_layout.count() > 0)
        self._cited.updateGeometry()
        self.rearranged.emit()

    def _chip(self, case: Case, placed: Anchor, colour_index: int) -> Chip:
        colour = theme.anchor_colour(colour_index)
        chip = placed_chip(
            case.submission,
            placed,
            colour,
            self._cited,
            removable=not case.read_only,
            shape=sign_of(colour_index).shape,
        )
        chip.clicked.connect(lambda: self.anchor_activated.emit(placed.id))
        chip.removed.connect(lambda: self.anchor_taken.emit(self.criterion.id, placed.id))
        return chip

    def _show_texts(self, case: Case, work: CriterionWork) -> None:
        found = [finding for finding in case.findings if finding.subject == self.criterion.id]
        wanted = self._fields_wanted(work)
        for field, block in self.blocks.items():
            block.setVisible(
                self._current and field in wanted and bool(work.text(field) or not case.read_only)
            )
            block.show_text(work.text(field), read_only=case.read_only)
            block.show_findings([one for one in found if one.field is field], read_only=case.read_only)
        # That a level is missing is said by the pill; in a card nobody has begun it would only nag.
        # Two answers stand in a panel of their own.
        loose = [
            one for one in found if one.field not in wanted and work.level is not None and one.check != "D1"
        ]
        self.open_points.show_findings(loose if self._current else ())
        for field, button in self._adders.items():
            button.setVisible(field not in wanted)
        self._further.setVisible(self._current and work.level is not None and not case.read_only)

    def _fields_wanted(self, work: CriterionWork) -> set[TextField]:
        wanted = set(_ALWAYS)
        if work.level is not None:
            wanted.update(_PASSED if self.criterion.passes(work.level) else _BELOW)
        written = {field for field, block in self.blocks.items() if work.text(field) or block.text()}
        return wanted | written | self._asked_for

    def focus_levels(self) -> None:
        """Put the cursor on the level chosen, else on the first one."""
        chosen = next((one for one in self.levels.columns if one.isChecked()), self.levels.columns[0])
        chosen.setFocus(Qt.FocusReason.ShortcutFocusReason)
