"""A card around a text of the whole, with a pill that says when it is needed."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from assessor_desk.gui.controls import Card, Pill
from assessor_desk.gui.writing.text_block import TextBlock


class WholeCard(Card):
    """Holds one block, its title as the card's heading."""

    def __init__(self, block: TextBlock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        self.pill = Pill("needed", "caution", self)
        self.pill.hide()
        block.stand_alone(self.pill)
        column.addWidget(block)
