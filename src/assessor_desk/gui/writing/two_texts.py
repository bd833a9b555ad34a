"""Texts that two computers wrote into one place without seeing each other: each can be kept, or both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from assessor_desk.domain.wordings import Wording
from assessor_desk.gui.controls import outlined_button, wrapped_label


class TwoTexts(QWidget):
    """In the field's place. `chosen` carries the text that is to stay, or None for all of them."""

    chosen = Signal(object)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._shown: tuple[Wording, ...] = ()
        self._to_choose = True
        self.hide()

    @property
    def texts(self) -> list[str]:
        """What can be chosen, from top to bottom."""
        return [one.text for one in self._shown]

    def focus(self) -> None:
        """Put the cursor on the first that can be kept."""
        if buttons := self.findChildren(QPushButton):
            buttons[0].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_texts(
        self, wordings: Sequence[Wording], titles: Mapping[str, str], *, to_choose: bool = True
    ) -> None:
        """Show these, each with where and when it was written; none hides it. Rebuilt only when they change.

        Without `to_choose` they are to be read alone, as where the review was set aside.
        """
        if (tuple(wordings), to_choose) == (self._shown, self._to_choose):
            return
        self._to_choose = to_choose
        self._shown = tuple(wordings)
        while (held := self._column.takeAt(0)) is not None:
            if widget := held.widget():
                widget.hide()
                widget.deleteLater()
        for one in self._shown:
            self._column.addWidget(self._passage(one, titles.get(one.device, "another computer")))
        if self._shown and to_choose:
            both = outlined_button("Keep both", self)
            both.setProperty("small", True)
            both.setAccessibleName(f"{self._title}: keep both texts, one after the other")
            both.clicked.connect(lambda: self.chosen.emit(None))
            self._column.addWidget(both, 0, Qt.AlignmentFlag.AlignLeft)
        self.setVisible(bool(self._shown))

    def _passage(self, one: Wording, title: str) -> QWidget:
        passage = QWidget(self)
        passage.setObjectName("earlierNote")
        passage.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(passage)
        column.setContentsMargins(10, 6, 6, 8)
        column.setSpacing(4)
        row = QHBoxLayout()
        written = f"{title[:1].upper()}{title[1:]} · {one.at.astimezone():%d %b, %H:%M}"
        row.addWidget(_named(QLabel(written, passage), "fieldLabel"), 1)
        if self._to_choose:
            keep = outlined_button("Keep this", passage)
            keep.setProperty("small", True)
            keep.setAccessibleName(f"{self._title}: keep the text from {title}")
            keep.clicked.connect(lambda: self.chosen.emit(one.text))
            row.addWidget(keep)
        column.addLayout(row)
        words = wrapped_label(one.text or "(left empty)", "" if one.text else "muted", passage)
        words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        words.setAccessibleName(f"{self._title}, written on {title}")
        column.addWidget(words)
        return passage


def _named(label: QLabel, name: str) -> QLabel:
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
