"""The order in which the Tab key goes through a pane: the order of its layouts, also where widgets come and go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QScrollArea, QWidget


def in_layout_order(widget: QWidget) -> list[QWidget]:
    """All below `widget` that Tab may reach, as its layouts place them, hidden ones too."""
    return list(_reachable(widget))


def set_tab_order(widgets: Sequence[QWidget]) -> None:
    """Let Tab go from one to the next."""
    for before, after in pairwise(widgets):
        QWidget.setTabOrder(before, after)


def _reachable(widget: QWidget) -> Iterator[QWidget]:
    if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
        yield widget
    if isinstance(widget, QScrollArea) and (inside := widget.widget()):
        yield from _reachable(inside)
    elif layout := widget.layout():
        yield from _in_layout(layout)


def _in_layout(layout: QLayout) -> Iterator[QWidget]:
    for index in range(layout.count()):
        held = layout.itemAt(index)
        if held is None:
            continue
        if widget := held.widget():
            yield from _reachable(widget)
        elif inner := held.layout():
            yield from _in_layout(inner)
