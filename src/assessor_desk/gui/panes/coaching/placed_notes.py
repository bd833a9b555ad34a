"""Notes at places of the draft: each place as a chip, and beneath it the line that the educator reads there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from assessor_desk.desk.answers import Case
from assessor_desk.domain.anchor import Anchor
from assessor_desk.gui.controls import Chip
from assessor_desk.gui.writing.placed_chip import place_in_short, placed_chip
from assessor_desk.gui.writing.text_field import LineField


@dataclass(frozen=True)
class _Row:
    """One place. The chip is made anew where it changes, the field stays, as somebody may be writing in it."""

    held: QWidget
    column: QVBoxLayout
    field: LineField


class PlacedNotes(QWidget):
    """The places given to one criterion, or to none. `line_made` and `line_gone` carry a field, to be kept or not."""

    anchor_activated = Signal(str)
    anchor_removed = Signal(str)
    focused = Signal()
    line_made = Signal(str, object)
    line_gone = Signal(object)
    rearranged = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[str, _Row] = {}
        self._chips: dict[str, tuple[object, ...]] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)

    @property
    def fields(self) -> list[LineField]:
        """The lines, from top to bottom."""
        return [row.field for row in self._rows.values()]

    def show_places(self, case: Case, placed: Sequence[Anchor], colour: QColor) -> None:
        """Show these places; lines being written are left alone."""
        ids = {anchor.id for anchor in placed}
        for gone in [one for one in self._rows if one not in ids]:
            self._drop(gone)
        for anchor in placed:
            row = self._rows.get(anchor.id) or self._add(case, anchor)
            self._dress(case, anchor, row, colour)
            row.field.allow_writing(not case.read_only)
            row.field.show_text(anchor.note)

    def focus_line(self, anchor_id: str) -> None:
        """Put the cursor into the line of a place."""
        if row := self._rows.get(anchor_id):
            row.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _add(self, case: Case, anchor: Anchor) -> _Row:
        held = QWidget(self)
        column = QVBoxLayout(held)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        place = place_in_short(case.submission, anchor)
        field = LineField(f"Note at {place}", "for the educator", 1, held)
        field.setPlaceholderText("What the educator should see here")
        field.focused.connect(self.focused)
        column.addWidget(field)
        self._column.addWidget(held)
        row = _Row(held, column, field)
        self._rows[anchor.id] = row
        self.line_made.emit(anchor.id, field)
        self.rearranged.emit()
        return row

    def _dress(self, case: Case, anchor: Anchor, row: _Row, colour: QColor) -> None:
        look = (anchor.selector, colour.rgba(), case.read_only)
        if self._chips.get(anchor.id) == look:
            return
        if anchor.id in self._chips and (old := row.column.takeAt(0)) and (chip := old.widget()):
            chip.hide()
            chip.deleteLater()
        self._chips[anchor.id] = look
        row.column.insertWidget(0, self._chip(case, anchor, colour, row.held), 0, Qt.AlignmentFlag.AlignLeft)
        self.rearranged.emit()

    def _chip(self, case: Case, anchor: Anchor, colour: QColor, parent: QWidget) -> Chip:
        chip = placed_chip(case.submission, anchor, colour, parent, removable=not case.read_only, note=False)
        chip.clicked.connect(lambda: self.anchor_activated.emit(anchor.id))
        chip.removed.connect(lambda: self.anchor_removed.emit(anchor.id))
        return chip

    def _drop(self, anchor_id: str) -> None:
        row = self._rows.pop(anchor_id)
        self._chips.pop(anchor_id, None)
        self.line_gone.emit(row.field)
        self._column.removeWidget(row.held)
        row.held.hide()
        row.held.deleteLater()
        self.rearranged.emit()
