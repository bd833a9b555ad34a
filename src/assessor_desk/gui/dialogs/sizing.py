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


def scrolled(inside: QWidget, name: str, parent: QWidget) -> QScrollArea:
    """Contents that scroll up and down where there is no room for all of them; `name` is for screen readers."""
    scroll = QScrollArea(parent)
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setAccessibleName(name)
    scroll.setWidget(inside)
    return scroll
