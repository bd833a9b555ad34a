"""Answers that two computers gave at one place without seeing each other, such as two levels: one act settles it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from assessor_desk.domain.choice_words import what_it_says, what_was_chosen
from assessor_desk.domain.choices import Choice, ChoicePlace
from assessor_desk.domain.review import Sheet
from assessor_desk.domain.rubric import Rubric
from assessor_desk.gui.controls import outlined_button, wrapped_label

#: A place and the answers that stand there.
Stand = tuple[ChoicePlace, tuple[Choice, ...]]


class TwoAnswers(QWidget):
    """A quiet panel for each place. `kept` carries the entry whose answer is to stay; `settled` that none is left."""

    kept = Signal(str)
    settled = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._shown: tuple[Stand, ...] = ()
        self._to_choose = True
        self.hide()

    @property
    def shown(self) -> tuple[Stand, ...]:
        """What is to be settled here."""
        return self._shown

    def focus(self) -> None:
        """Put the cursor on the first answer."""
        if buttons := self.findChildren(QPushButton):
            buttons[0].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_choices(
        self,
        found: Sequence[Stand],
        sheet: Sheet,
        rubric: Rubric,
        titles: Mapping[str, str],
        *,
        to_choose: bool = True,
    ) -> None:
        """Show these, each with where and when it was given; none hides it. Rebuilt only when they change.

        Without `to_choose` they are to be read alone, as where the review was set aside.
        """
        if (tuple(found), to_choose) == (self._shown, self._to_choose):
            return
        self._to_choose = to_choose
        focused = QApplication.focusWidget()
        chose = focused is not None and self.isAncestorOf(focused)
        self._shown = tuple(found)
        while (held := self._column.takeAt(0)) is not None:
            if widget := held.widget():
                widget.hide()
                widget.deleteLater()
        for place, stand in self._shown:
            self._column.addWidget(self._panel(place, stand, sheet, rubric, titles))
        self.setVisible(bool(self._shown))
        self.changed.emit()
        if chose:
            self.settled.emit()

    def _panel(
        self,
        place: ChoicePlace,
        stand: Sequence[Choice],
        sheet: Sheet,
        rubric: Rubric,
        titles: Mapping[str, str],
    ) -> QWidget:
        panel = QWidget(self)
        panel.setObjectName("earlierNote")
        panel.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(panel)
        column.setContentsMargins(10, 6, 6, 8)
        column.setSpacing(6)
        asked = what_was_chosen(place, stand, sheet)
        panel.setAccessibleName(asked)
        column.addWidget(wrapped_label(f"{asked}, on two computers that had not seen each other.", "", panel))
        for one in stand:
            column.addLayout(self._answer(one, asked, rubric, titles, panel))
        return panel

    def _answer(
        self, one: Choice, asked: str, rubric: Rubric, titles: Mapping[str, str], panel: QWidget
    ) -> QHBoxLayout:
        title = titles.get(one.device, "another computer")
        said, row, words = what_it_says(one, rubric), QHBoxLayout(), QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(wrapped_label(said, "criterionTitle", panel))
        where = QLabel(f"{title[:1].upper()}{title[1:]} · {one.at.astimezone():%d %b, %H:%M}", panel)
        where.setObjectName("fieldLabel")
        where.setTextFormat(Qt.TextFormat.PlainText)
        words.addWidget(where)
        row.addLayout(words, 1)
        if not self._to_choose:
            return row
        keep = outlined_button("Keep this", panel)
        keep.setProperty("small", True)
        keep.setAccessibleName(f"{asked}: keep “{said}”, from {title}")
        keep.clicked.connect(lambda: self.kept.emit(one.entry_id))
        row.addWidget(keep, 0, Qt.AlignmentFlag.AlignVCenter)
        return row
