"""A page of words to read, nothing to do but close it."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QTextBrowser, QVBoxLayout, QWidget

from assessor_desk.gui.controls import outlined_button
from assessor_desk.gui.dialogs.sizing import resize_within


class PageToRead(QDialog):
    """`html` is ours, all words in it escaped; Escape closes it. `foot` has the button that closes it."""

    def __init__(self, title: str, named: str, html: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        resize_within(self, 640, 560)
        self.page = QTextBrowser(self)
        self.page.setOpenLinks(False)
        self.page.setAccessibleName(named)
        self.page.setHtml(html)
        close = outlined_button("Close", self)
        close.clicked.connect(self.accept)
        self.foot = QHBoxLayout()
        self.foot.setSpacing(8)
        self.foot.addStretch(1)
        self.foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.page, 1)
        column.addLayout(self.foot)
