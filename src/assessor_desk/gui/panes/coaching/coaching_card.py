"""One criterion of a draft: what its levels say, notes at places, and what the coach says to it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from assessor_desk.desk.answers import Case
from assessor_desk.domain.anchor import Anchor
from assessor_desk.domain.anchor_signs import sign_of
from assessor_desk.domain.handed_notes import EarlierNote
from assessor_desk.domain.review import COACHING_FIELDS, CriterionWork
from assessor_desk.domain.rubric import Criterion
from assessor_desk.gui import theme
from assessor_desk.gui.controls import quiet_button
from assessor_desk.gui.flow_layout import FlowLayout
from assessor_desk.gui.panes.coaching.earlier_notes import EarlierNotes
from assessor_desk.gui.panes.coaching.level_reader import LevelReader
from assessor_desk.gui.panes.coaching.placed_notes import PlacedNotes
from assessor_desk.gui.writing.finding_lines import FindingLines
from assessor_desk.gui.writing.occasion import HANDING_BACK
from assessor_desk.gui.writing.placed_chip import placed_chip
from assessor_desk.gui.writing.sheet_card import SheetCard
from assessor_desk.gui.writing.what_counts import WhatCounts


class CoachingCard(SheetCard):
    """A card for one criterion; says what the coach does and stores nothing. There is no level to choose."""

    uptake_marked = Signal(str, object)
    levels_folded = Signal(bool)

    def __init__(self, number: int, criterion: Criterion, parent: QWidget | None = None) -> None:
        super().__init__(number, criterion, parent)
        self._chips_of: tuple[object, ...] = ()
        self._levels = LevelReader(criterion, self)
        self._fold = quiet_button("Hide the levels", self)
        self._fold.setProperty("small", True)
        self._fold.clicked.connect(lambda: self.levels_folded.emit(not self._levels.isHidden()))
        self._what_counts = WhatCounts(criterion.level(criterion.passing), self)
        self.earlier = EarlierNotes(self)
        self.earlier.uptake_marked.connect(self.uptake_marked)
        self.earlier.rearranged.connect(self.rearranged)
        self._chips = QWidget(self)
        self._chips_layout = FlowLayout(self._chips, gap=8)
        self.placed = PlacedNotes(self)
        self.placed.anchor_activated.connect(self.anchor_activated)
        self.placed.anchor_removed.connect(lambda anchor: self.anchor_taken.emit(criterion.id, anchor))
        self.placed.focused.connect(lambda: self.activated.emit(criterion.id))
        self.placed.rearranged.connect(self.rearranged)
        self._add = QWidget(self)
        FlowLayout(self._add, gap=8).addWidget(self.adding_chip(self._add))
        self.open_points = FindingLines(self, HANDING_BACK)
        self.open_points.keep_wanted.connect(self.keep_wanted)
        self.column.addWidget(self._levels)
        beneath = QHBoxLayout()
        beneath.addWidget(self._what_counts, 1)
        beneath.addWidget(self._fold, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
        self.column.addLayout(beneath)
        for widget in (self.earlier, self._chips, self.placed, self._add, self.open_points):
            self.column.addWidget(widget)
        self.add_blocks(COACHING_FIELDS, HANDING_BACK)

    def renew(self) -> None:
        """What counts is behind its link again."""
        self._what_counts.fold()

    def show_case(
        self, case: Case, earlier: Sequence[EarlierNote], *, current: bool, colour_index: int, folded: bool
    ) -> None:
        """Show this criterion's part of the notes."""
        assert case.notes is not None
        work = case.notes.work(self.criterion.id)
        self.set_current(current)
        self._say_count(case, work)
        self._show_levels(current=current, folded=folded)
        self.earlier.show_notes(earlier, read_only=case.read_only)
        self.earlier.setVisible(current and bool(earlier))
        anchors = [found for one in work.anchors if (found := case.notes.anchor(one))]
        self._show_chips(case, anchors, colour_index, shown=not current)
        self.placed.show_places(case, anchors, theme.anchor_colour(colour_index))
        self.placed.setVisible(current and bool(anchors))
        self._add.setVisible(current and not case.read_only)
        self._show_texts(case, work, current=current)

    def _show_levels(self, *, current: bool, folded: bool) -> None:
        """They take room that somebody who knows them by heart wants for writing."""
        self._levels.setVisible(current and not folded)
        self._what_counts.show_here(current and not folded)
        self._fold.setText("Show the levels" if folded else "Hide the levels")
        self._fold.setAccessibleName(f"{self._fold.text()} of criterion {self.number}")
        self._fold.setVisible(current)

    def _say_count(self, case: Case, work: CriterionWork) -> None:
        limits = case.policy.coaching.criteria
        count = sum(1 for one in COACHING_FIELDS if work.text(one).strip())
        assert case.notes is not None
        count += sum(1 for one in work.anchors if (anchor := case.notes.anchor(one)) and anchor.note)
        if limits and self.criterion.id not in limits and not count:
            self.pill.say("left to the educator", "neutral")
        else:
            told = "no notes yet" if not count else f"{count} note{'' if count == 1 else 's'}"
            self.pill.say(told, "accent" if count else "neutral")

    def _show_chips(self, case: Case, placed: Sequence[Anchor], colour_index: int, *, shown: bool) -> None:
        """A card that is not current tells its places in short."""
        self._chips.setVisible(shown and bool(placed))
        colour = theme.anchor_colour(colour_index)
        chips_of = (tuple(placed), colour.rgba())
        if chips_of == self._chips_of:
            return
        self._chips_of = chips_of
        while (held := self._chips_layout.takeAt(0)) is not None:
            if widget := held.widget():
                widget.hide()
                widget.deleteLater()
        for anchor in placed:
            chip = placed_chip(
                case.submission,
                anchor,
                colour,
                self._chips,
                removable=False,
                shape=sign_of(self.number - 1).shape,
            )
            chip.clicked.connect(lambda _=False, own_id=anchor.id: self.anchor_activated.emit(own_id))
            self._chips_layout.addWidget(chip)
        self._chips.updateGeometry()
        self.rearranged.emit()

    def _show_texts(self, case: Case, work: CriterionWork, *, current: bool) -> None:
        found = [one for one in case.findings if one.subject == self.criterion.id]
        for field, block in self.blocks.items():
            block.setVisible(current and bool(work.text(field) or not case.read_only))
            block.show_text(work.text(field), read_only=case.read_only)
            block.show_findings([one for one in found if one.field is field], read_only=case.read_only)
        loose = [one for one in found if one.field not in self.blocks and one.check != "D1"]
        self.open_points.show_findings(loose if current and not case.read_only else ())

    def flush(self) -> None:
        """Lines at places too."""
        super().flush()
        for field in self.placed.fields:
            field.flush()
