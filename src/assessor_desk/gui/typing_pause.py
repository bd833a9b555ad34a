"""Writing pauses the recording, where that is wanted: nothing is missed while what was seen is put into words.

What is written is any text of the review, and the line of an anchor. Saving that line (Enter) goes on from a little
before; in a text, where Enter begins a new line, the act *resume* of the table does.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QWidget

from assessor_desk.gui.playing import Playing
from assessor_desk.gui.writing.text_field import TextField

_COMMANDING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier


class TypingPause(QObject):
    """Watches the one field that has the focus. `viewer` tells what is in front."""

    def __init__(self, viewer: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus)

    def _on_focus(self, before: QWidget | None, now: QWidget | None) -> None:
        if before is not None:
            before.removeEventFilter(self)
        if now is not None and _takes_notes(now):
            now.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What is typed goes where it was meant to go; the recording pauses."""
        if _types(event) and isinstance(viewer := self._viewer(), Playing):
            playing = viewer.pause_to_write()
            dialog = watched.window() if isinstance(watched, QWidget) else None
            if playing and isinstance(dialog, QDialog):
                dialog.accepted.connect(viewer.resume)
        return False


def _takes_notes(widget: QWidget) -> bool:
    in_dialog = isinstance(widget, QLineEdit) and widget.property("takesNotes") is True
    return in_dialog or (isinstance(widget, TextField) and not widget.isReadOnly())


def _types(event: QEvent) -> bool:
    if isinstance(event, QInputMethodEvent):
        return bool(event.commitString() or event.preeditString())
    if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
        return False
    return bool(event.text()) and event.text().isprintable() and not event.modifiers() & _COMMANDING
