"""Asks under which name a filter of the queue is kept."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QVBoxLayout, QWidget

from assessor_desk.gui.controls import button_row, outlined_button, primary_button


class NameFilterDialog(QDialog):
    """A name, to begin with what the filter shows. `named` carries it, without blanks around it."""

    named = Signal(str)

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Save this filter")
        self.field = QLineEdit(words, self)
        self.field.setMinimumWidth(320)
        self.field.selectAll()
        label = QLabel("&Name of the filter", self)
        label.setObjectName("sectionHeading")
        label.setBuddy(self.field)
        self.save = primary_button("Save", self)
        self.save.setDefault(True)
        self.save.clicked.connect(self._on_save)
        cancel = outlined_button("Cancel", self)
        cancel.clicked.connect(self.reject)
        self.field.textChanged.connect(self._allow)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(8)
        column.addWidget(label)
        column.addWidget(self.field)
        column.addSpacing(8)
        column.addLayout(button_row(cancel, self.save))

    @property
    def _name(self) -> str:
        return self.field.text().strip()

    def _allow(self) -> None:
        self.save.setEnabled(bool(self._name))

    def _on_save(self) -> None:
        self.accept()
        self.named.emit(self._name)
