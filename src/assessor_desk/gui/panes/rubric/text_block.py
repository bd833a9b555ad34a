"""A text with its title, whom it is for, and what is still needed of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from assessor_desk.domain.feedback import Finding
from assessor_desk.domain.review import AUDIENCE, TITLES
from assessor_desk.domain.review import TextField as Text
from assessor_desk.gui.controls import quiet_button
from assessor_desk.gui.panes.rubric.finding_lines import FindingLines
from assessor_desk.gui.panes.rubric.text_field import TextField


class TextBlock(QWidget):
    """Title and audience above, the field, and the findings below it."""

    drafted = Signal(str)
    written = Signal(str)
    focused = Signal()
    grown = Signal()
    keep_wanted = Signal(object)

    def __init__(self, field: Text, parent: QWidget | None = None, lines: int = 1) -> None:
        super().__init__(parent)
        title, audience = TITLES[field], AUDIENCE[field]
        self._title = title
        self._labels = QHBoxLayout()
        self._labels.setSpacing(8)
        left, right = QLabel(title, self), QLabel(audience, self)
        for label in (left, right):
            label.setObjectName("fieldLabel")
        self._heading = left
        self._labels.addWidget(left)
        self._labels.addStretch(1)
        self._labels.addWidget(right)
        self._field = TextField(title, audience, lines, self)
        self._field.drafted.connect(self.drafted)
        self._field.written.connect(self.written)
        self._field.focused.connect(self.focused)
        self._field.grown.connect(self.grown)
        left.setBuddy(self._field)
        self._findings = FindingLines(self)
        self._findings.keep_wanted.connect(self.keep_wanted)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(self._labels)
        layout.addWidget(self._field)
        layout.addWidget(self._findings)

    def show_text(self, text: str, *, read_only: bool) -> None:
        """Show the text of the review; a sealed one can be read and copied, not changed."""
        self._field.allow_writing(not read_only)
        self._field.show_text(text)

    def show_findings(self, found: Sequence[Finding], *, read_only: bool) -> None:
        """Show what is needed of this text before sealing."""
        self._findings.show_findings(() if read_only else found)

    def hint(self, text: str) -> None:
        """A hint shown while the field is empty."""
        self._field.setPlaceholderText(text)

    def offer(self, title: str, phrases: Sequence[str]) -> None:
        """Put a small menu beside the title whose entries are inserted where the cursor stands."""
        menu = QMenu(self)
        for phrase in phrases:
            entry = menu.addAction(phrase)
            entry.triggered.connect(lambda _=False, words=phrase: self._field.insert_words(words))
        button = quiet_button(title, self)
        button.setProperty("small", True)
        button.setAccessibleName(f"{self._title}: {title}")
        button.setMenu(menu)
        self._labels.insertWidget(1, button)

    def stand_alone(self, pill: QWidget) -> None:
        """Look like the heading of a card, with a pill at its end."""
        self._heading.setObjectName("criterionTitle")
        self._labels.addWidget(pill)

    def text(self) -> str:
        """The text as it stands."""
        return self._field.toPlainText().strip()

    def focus(self) -> None:
        """Put the cursor into the field."""
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def flush(self) -> None:
        """Send what is still being typed."""
        self._field.flush()

    @property
    def unwritten(self) -> str:
        """Title and text where the text is not on the disk yet, else nothing."""
        return f"{self._title}\n{self._field.toPlainText()}" if self._field.unwritten else ""

    @property
    def refused(self) -> bool:
        """Whether what was sent last could not be stored."""
        return self._field.refused

    def give_up(self) -> None:
        """Take no more care of a text that could not be stored."""
        self._field.give_up()

    def arrived(self, *, stored: bool) -> None:
        """What was sent last has been stored, or could not be."""
        self._field.arrived(stored=stored)
