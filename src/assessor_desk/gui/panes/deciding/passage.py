"""A text that somebody else wrote, to be read and copied: its title, whom it is for, and the words."""

from __future__ import annotations

import re
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from assessor_desk.domain.review import AUDIENCE, TITLES, TextField
from assessor_desk.gui import theme


class Passage(QWidget):
    """One text. It takes the focus, so that it can be reached, read out and copied by keyboard."""

    def __init__(self, field: TextField, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field, self._said, self._found = field, words, ""
        title, audience = QLabel(TITLES[field], self), QLabel(AUDIENCE[field], self)
        row = QHBoxLayout()
        row.setSpacing(8)
        for label in (title, audience):
            label.setObjectName("fieldLabel")
        row.addWidget(title)
        row.addStretch(1)
        row.addWidget(audience)
        self.words = QLabel(self)
        self.words.setObjectName("passage")
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.RichText)
        flag = Qt.TextInteractionFlag
        self.words.setTextInteractionFlags(flag.TextSelectableByKeyboard | flag.TextSelectableByMouse)
        self.words.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.words.setAccessibleName(f"{TITLES[field]}, {AUDIENCE[field]}: {words}")
        title.setBuddy(self.words)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.words)
        theme.changed.connect(self._dress)
        self._dress()

    def light_up(self, found: str) -> None:
        """Light up these words where they stand; none with an empty text."""
        self._found = found
        self._dress()

    def _dress(self) -> None:
        """The words, on several lines as they were written, what was found on a ground of its own."""
        shown = escape(self._said)
        if self._found:
            ground, ink = theme.colour("soft").name(), theme.colour("text").name()
            style = f"background-color:{ground}; color:{ink}; font-weight:600"
            wanted = re.escape(escape(self._found))
            shown = re.sub(rf"(?<!\w)({wanted})", rf'<span style="{style}">\1</span>', shown)
        self.words.setText(shown.replace("\n", "<br>"))
