"""A text with its title, whom it is for, and what is still needed of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from assessor_desk.domain.feedback import Finding
from assessor_desk.domain.review import AUDIENCE, TITLES
from assessor_desk.domain.review import TextField as Text
from assessor_desk.domain.wordings import Wording
from assessor_desk.gui.controls import quiet_button
from assessor_desk.gui.writing.finding_lines import FindingLines
from assessor_desk.gui.writing.occasion import SEALING, Occasion
from assessor_desk.gui.writing.text_field import TextField
from assessor_desk.gui.writing.two_texts import TwoTexts


class TextBlock(QWidget):
    """Title and audience above, the field, and the findings below it."""

    focused = Signal()
    grown = Signal()
    keep_wanted = Signal(object)

    def __init__(
        self, which: Text, parent: QWidget | None = None, lines: int = 1, occasion: Occasion = SEALING
    ) -> None:
        super().__init__(parent)
        title, audience = TITLES[which], AUDIENCE[which]
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
        self.field = TextField(title, audience, lines, self)
        self.field.focused.connect(self.focused)
        self.field.grown.connect(self.grown)
        left.setBuddy(self.field)
        self.two_texts = TwoTexts(title, self)
        self._findings = FindingLines(self, occasion)
        self._told: tuple[Finding, ...] = ()
        self._findings.keep_wanted.connect(self.keep_wanted)
        self.field.told_below = self._findings
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(self._labels)
        layout.addWidget(self.field)
        layout.addWidget(self.two_texts)
        layout.addWidget(self._findings)

    def show_text(self, text: str, *, read_only: bool) -> None:
        """Show the text of the review; a sealed one can be read and copied, not changed."""
        self.field.allow_writing(not read_only)
        self.field.show_text(text)

    def show_disputed(
        self, wordings: Sequence[Wording], titles: Mapping[str, str], *, to_choose: bool = True
    ) -> None:
        """Show texts that two computers wrote here in the field's place; it stays while something is typed in it."""
        focused = QApplication.focusWidget()
        chose = focused is not None and self.two_texts.isAncestorOf(focused) and not wordings
        self.two_texts.show_texts(wordings, titles, to_choose=to_choose)
        if chose:
            self.field.show()
            self.focus()
        self.field.setVisible(not wordings or self.field.unwritten or self.field.hasFocus())

    def show_findings(self, found: Sequence[Finding], *, read_only: bool) -> None:
        """Show what is needed of this text before sealing, in sight where it is new and the text being written."""
        told = () if read_only else tuple(found)
        self._findings.show_findings(told)
        if told != self._told and told and self.field.hasFocus():
            self.grown.emit()  # the page need not have become longer for it
        self._told = told

    def hint(self, text: str) -> None:
        """A hint shown while the field is empty."""
        self.field.setPlaceholderText(text)

    def offer(self, title: str, phrases: Sequence[str]) -> None:
        """Put a small menu beside the title whose entries are inserted where the cursor stands."""
        menu = QMenu(self)
        for phrase in phrases:
            entry = menu.addAction(phrase)
            entry.triggered.connect(lambda _=False, words=phrase: self.field.insert_words(words))
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
        return self.field.toPlainText().strip()

    def focus(self) -> None:
        """Put the cursor into the field, or on the first of two texts that stand in its place."""
        if self.field.isHidden() and not self.two_texts.isHidden():
            self.two_texts.focus()
            return
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
