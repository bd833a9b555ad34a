"""Phrases while one writes: the slash, the placeholders, keeping what is selected, and the bank.

Fields know nothing of phrases. Whatever field has the cursor is watched from here, as long as it has it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from assessor_desk.gui.actions import is_single
from assessor_desk.gui.session import Session
from assessor_desk.gui.writing.text_field import TextField

if TYPE_CHECKING:
    from assessor_desk.domain.phrases import Phrase, Place
    from assessor_desk.gui.workbench import Workbench


class Phrasing(QObject):
    """The phrase bank's acts over a workbench."""

    def __init__(self, workbench: Workbench, session: Session) -> None:
        super().__init__(workbench)
        self._workbench, self._session = workbench, session
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus)

    def acts(self) -> dict[str, Callable[[], object]]:
        """Acts of the table, by id."""
        return {"phrase": self.offer, "keep_phrase": self.keep, "phrases": self._bank}

    # Watching

    def _on_focus(self, before: QWidget | None, now: QWidget | None) -> None:
        if isinstance(before, TextField):
            before.removeEventFilter(self)
        if isinstance(now, TextField) and now.phrases_for is not None and self._workbench.isAncestorOf(now):
            now.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The slash in an empty place, Tab from one placeholder to the next, and what the menu has more."""
        if not isinstance(watched, TextField) or watched.isReadOnly():
            return False
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if self._opens(event) and watched.at_an_empty_place:
                self._open(watched)
                return True
            plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
            return event.key() == Qt.Key.Key_Tab and plain and watched.select_gap()
        if isinstance(event, QContextMenuEvent) and event.type() == QEvent.Type.ContextMenu:
            self._menu(watched, event)
            return True
        return False

    def _opens(self, event: QKeyEvent) -> bool:
        """Whether the key pressed is the single one that opens the bank; none does where they are switched off."""
        singles = [key for key in self._workbench.actions_table.keys("phrase") if is_single(key)]
        return bool(event.text()) and event.text().upper() in singles

    def _menu(self, field: TextField, event: QContextMenuEvent) -> None:
        menu = field.createStandardContextMenu()
        menu.addSeparator()
        menu.addAction(self._workbench.action("phrase"))
        if field.textCursor().hasSelection():
            menu.addAction(self._workbench.action("keep_phrase"))
        menu.exec(event.globalPos())
        menu.deleteLater()

    # Inserting

    def offer(self) -> None:
        """Open the bank where one writes, else in the first empty text of the current criterion."""
        field = self._field()
        if field is None:
            self._workbench.sheets.current.focus_text()
            field = self._field()
        if field is not None:
            # Once the field has been scrolled into sight.
            QTimer.singleShot(0, field, lambda: self._open(field))

    def _field(self) -> TextField | None:
        focused = self._workbench.focusWidget()
        if isinstance(focused, TextField) and focused.phrases_for is not None and not focused.isReadOnly():
            return focused
        return None

    def _place(self, field: TextField) -> Place:
        from assessor_desk.domain.phrases import Place

        case = self._session.case
        assert field.phrases_for is not None
        which, criterion = field.phrases_for
        if case is None:
            return Place(field=which)
        level = case.sheet.work(criterion).level or ""
        return Place(case.rubric.id, criterion, level, which)

    def _open(self, field: TextField) -> None:
        from assessor_desk.gui.phrases.popup import PhrasePopup

        case, place, desk = self._session.case, self._place(field), self._session.desk
        if case is None:
            return
        popup = PhrasePopup(place, {case.rubric.id: case.rubric}, self._workbench)
        popup.chosen.connect(lambda phrase: self._insert(field, phrase))
        popup.finished.connect(popup.deleteLater)
        popup.finished.connect(lambda: _write_on(field))
        popup.open_at(_caret(field))

        def arrived(phrases: Sequence[Phrase]) -> None:
            if isValid(popup):
                popup.show_bank(phrases)

        self._session.tasks.side(lambda: desk.phrases(place), arrived)

    def _insert(self, field: TextField, phrase: Phrase) -> None:
        """One step of undo, its first placeholder selected; and one use more."""
        if isValid(field):
            field.insert_phrase(phrase.text)
            self._session.act(lambda desk: desk.use_phrase(phrase.id))

    # Keeping

    def keep(self) -> None:
        """Ask how to keep what is selected."""
        from assessor_desk.domain.phrases import Phrase
        from assessor_desk.gui.phrases.edit import PhraseDialog, ties_at

        field, case = self._field(), self._session.case
        if field is None or case is None or not field.textCursor().hasSelection():
            self._session.notices.tell("Select the words to keep as a phrase, in a text for the educator.")
            return
        words = field.textCursor().selectedText().replace("\u2029", "\n").strip()
        place = self._place(field)
        phrase = Phrase(
            "", words, case.rubric.id, place.criterion, tags=(place.field,) if place.field else ()
        )
        dialog = PhraseDialog(self._session, phrase, ties_at(case.rubric, place), self._workbench)
        dialog.kept.connect(lambda _: self._session.notices.tell("Kept as a phrase of yours.", "positive"))
        self._workbench.errands.open(dialog)

    def _bank(self) -> None:
        from assessor_desk.gui.phrases.bank import PhraseBankDialog

        self._workbench.errands.open(PhraseBankDialog(self._session, self._workbench))


def _caret(field: TextField) -> QRect:
    caret = field.cursorRect()
    return QRect(field.viewport().mapToGlobal(caret.topLeft()), caret.size())


def _write_on(field: TextField) -> None:
    if isValid(field) and field.isVisible():
        field.setFocus(Qt.FocusReason.PopupFocusReason)
