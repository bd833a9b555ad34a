"""Colours and controls that viewers share."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from assessor_desk.gui import icons, theme
from assessor_desk.gui.controls import KeyCap

CONTROL = 30
"""Height of a control, in logical pixels."""


def colour(token: str) -> QColor:
    """A colour of the theme by its name."""
    return theme.colour(token)


def tool_button(
    parent: QWidget, icon: str, name: str, act: str, pressed: Callable[[], None], words: str = ""
) -> QToolButton:
    """A quiet button of 30 pixels; `name` and the key of `act`, one of the table's, make its tooltip."""
    button = QToolButton(parent)
    button.setAutoRaise(True)
    button.setFixedHeight(CONTROL)
    button.setMinimumWidth(CONTROL)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if icon:
        button.setIcon(icons.icon(icon))
        button.setIconSize(QSize(18, 18))
    if words:
        button.setText(f"\N{THIN SPACE}{words}" if icon else words)  # else they touch
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if icon else Qt.ToolButtonStyle.ToolButtonTextOnly
        button.setToolButtonStyle(style)
        button.setMinimumWidth(button.fontMetrics().horizontalAdvance(words) + (44 if icon else 20))
    button.setAccessibleName(name)
    tell(button, f"{name} ({{{act}}})" if act else name)
    button.clicked.connect(lambda _=False: pressed())
    return button


def toggle_button(
    parent: QWidget, icon: str, name: str, act: str, toggled: Callable[[bool], None], words: str = ""
) -> QToolButton:
    """A button that stays down."""
    button = tool_button(parent, icon, name, act, lambda: None, words)
    button.setCheckable(True)
    button.toggled.connect(toggled)
    return button


def tell(widget: QWidget, words: str) -> None:
    """Say something in a tooltip, `{act}` in it being the key that does that act, whichever it is."""
    widget.setProperty("says", words)
    in_force = widget.property("keys")
    widget.setToolTip(_with_keys(words, in_force if isinstance(in_force, dict) else {}))


def tell_keys(viewer: QWidget, keys: Mapping[str, str]) -> None:
    """Tell these keys wherever a widget of `viewer` names one: act → key as this system writes it."""
    for widget in [viewer, *viewer.findChildren(QWidget)]:
        if isinstance(words := widget.property("says"), str):
            widget.setProperty("keys", dict(keys))
            tell(widget, words)
        if isinstance(widget, KeyCap) and isinstance(act := widget.property("act"), str):
            widget.setText(keys.get(act, ""))
            widget.setVisible(bool(widget.text()))


def _with_keys(words: str, keys: Mapping[str, str]) -> str:
    told = re.sub(r"\{(\w+)\}", lambda named: keys.get(named[1], ""), words)
    return told.replace(" ()", "")


def tool_row(parent: QWidget) -> tuple[QWidget, QHBoxLayout]:
    """A row for controls."""
    row = QWidget(parent)
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 6)
    layout.setSpacing(2)
    return row, layout


def divider(parent: QWidget) -> QFrame:
    """A little air between groups of controls."""
    line = QFrame(parent)
    line.setFixedSize(10, 16)
    return line


def quiet_label(parent: QWidget, words: str = "") -> QLabel:
    """Secondary words."""
    label = QLabel(words, parent)
    label.setObjectName("muted")
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def tabular(label: QWidget) -> None:
    """Figures of equal width, so that numbers do not jump."""
    font = QFont(label.font())
    font.setFeature(QFont.Tag("tnum"), 1)
    label.setFont(font)
