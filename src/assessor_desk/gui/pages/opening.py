"""What stands in the window while a desk opens that needs no passphrase from the person."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from assessor_desk.domain.errors import DeskError, sentence


class Opening(QWidget):
    """One line in the middle; light enough to be painted before anything else is imported."""

    opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._label = QLabel("Opening your desk…", self)
        self._label.setObjectName("muted")
        self._label.setWordWrap(True)
        self._label.setMaximumWidth(560)
        column = QVBoxLayout(self)
        column.addStretch(1)
        column.addWidget(self._label, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    @property
    def words(self) -> str:
        """What stands there."""
        return self._label.text()

    def refuse(self, error: DeskError) -> None:
        """Say why the desk does not open."""
        self._label.setObjectName("trouble")
        self._label.setText(sentence(error))
        self._label.style().unpolish(self._label)
        self._label.style().polish(self._label)
