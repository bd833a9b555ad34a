"""Dialogs within the screen: at 200 % a small one has little room."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QScrollArea, QWidget

#: Pixels left around a dialog, its title bar among them.
_AROUND = (24, 64)


def resize_within(dialog: QDialog, width: int, height: int) -> None:
    """Give a dialog this size, or what the screen has."""
    room = dialog.screen().availableSize()
    dialog.resize(min(width, room.width() - _AROUND[0]), min(height, room.height() - _AROUND[1]))


class _Scrolled(QScrollArea):
    """Tab comes to it, for the arrow keys, where there is something to scroll, and passes it by where there is not."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("scrolled")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.verticalScrollBar().rangeChanged.connect(self._on_room_changed)

    def _on_room_changed(self, least: int, most: int) -> None:
        policy = Qt.FocusPolicy.StrongFocus if most > least else Qt.FocusPolicy.NoFocus
        self.setFocusPolicy(policy)


def scrolled(inside: QWidget, name: str, parent: QWidget) -> QScrollArea:
    """Contents that scroll up and down where there is no room for all of them; `name` is for screen readers."""
    scroll = _Scrolled(parent)
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setAccessibleName(name)
    scroll.setWidget(inside)
    return scroll
