"""A card for one criterion, whatever is made of it: its heading, its texts, and that it can be the current one."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from assessor_desk.domain.review import TextField
from assessor_desk.domain.rubric import Criterion
from assessor_desk.gui.anchor_drag import anchor_in
from assessor_desk.gui.controls import Card, ElidedLabel, Pill, quiet_button, restyle
from assessor_desk.gui.writing.occasion import SEALING, Occasion
from assessor_desk.gui.writing.text_block import TextBlock
from assessor_desk.gui.writing.two_answers import TwoAnswers


class SheetCard(Card):
    """Says what a person does and stores nothing. The current card is open; the others open when clicked."""

    activated = Signal(str)
    anchor_activated = Signal(str)
    anchor_wanted = Signal(str)
    anchor_taken = Signal(str, str)
    anchor_given = Signal(str, str)
    carried_over = Signal(QPoint)
    keep_wanted = Signal(object)
    rearranged = Signal()

    def __init__(self, number: int, criterion: Criterion, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.criterion = criterion
        self.number = number
        self.blocks: dict[TextField, TextBlock] = {}
        self._adding: list[QPushButton] = []
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(12, 12, 12, 12)
        self.column.setSpacing(8)
        self.pill = Pill("", parent=self)
        self.column.addLayout(self._heading())
        self.answers = TwoAnswers(self)
        self.answers.changed.connect(self.rearranged)
        self.column.addWidget(self.answers)
        self.setAccessibleName(f"Criterion {number}, {criterion.title}")

    def _heading(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        number = QLabel(str(self.number), self)
        number.setObjectName("criterionNumber")
        title = ElidedLabel(self.criterion.title, self)
        title.setObjectName("criterionTitle")
        row.addWidget(number)
        row.addWidget(title, 1)
        row.addWidget(self.pill)
        return row

    def add_blocks(self, fields: Iterable[TextField], occasion: Occasion = SEALING) -> None:
        """Add a block for each of these texts, in this order."""
        for field in fields:
            block = TextBlock(field, self, occasion=occasion)
            block.focused.connect(lambda: self.activated.emit(self.criterion.id))
            block.keep_wanted.connect(self.keep_wanted)
            self.blocks[field] = block
            self.column.addWidget(block)

    def renew(self) -> None:
        """Forget what was done to the card itself: it is about to show another submission."""

    def adding_chip(self, parent: QWidget) -> QPushButton:
        """A chip that anchors what is shown beside the card."""
        add = quiet_button("+ Anchor", parent)
        add.setProperty("chip", True)
        self._adding.append(add)
        add.setAccessibleName(f"Anchor what is shown for criterion {self.number}")
        add.clicked.connect(lambda: self.anchor_wanted.emit(self.criterion.id))
        return add

    def show_keys(self, key_of: Callable[[str], str]) -> None:
        """Say the keys in force; `key_of` an act's id gives its first key in words, empty where it has none."""
        key = key_of("anchor")
        for add in self._adding:
            add.setToolTip("Anchor what is shown on the left" + (f" ({key})" if key else ""))

    def focus_text(self) -> None:
        """Put the cursor into the first text that is still empty, else into the first one."""
        shown = [block for block in self.blocks.values() if not block.isHidden()]
        empty = next((block for block in shown if not block.text()), shown[0] if shown else None)
        if empty:
            empty.focus()

    def flush(self) -> None:
        """Send every text that is still being typed."""
        for block in self.blocks.values():
            block.field.flush()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click anywhere on the card makes it the current one."""
        self.activated.emit(self.criterion.id)
        super().mousePressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """An anchor may be dropped on a criterion, which cites it from then on."""
        if anchor_in(event.mimeData()):
            restyle(self, "dropping", value=True)
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Tell where it is carried, so that the page can be scrolled to a criterion out of sight."""
        self.carried_over.emit(self.mapToGlobal(event.position().toPoint()))

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """It is carried on."""
        restyle(self, "dropping", value=False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """The anchor is given to this criterion."""
        restyle(self, "dropping", value=False)
        self.anchor_given.emit(anchor_in(event.mimeData()), self.criterion.id)
        event.acceptProposedAction()
