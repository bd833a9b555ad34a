"""Colours and controls that viewers share."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from assessor_desk.gui import icons, theme

CONTROL = 30
"""Height of a control, in logical pixels."""


def colour(token: str) -> QColor:
    """A colour of the theme by its name."""
    return theme.colour(token)


def tool_button(
    parent: QWidget, icon: str, name: str, key: str, pressed: Callable[[], None], words: str = ""
) -> QToolButton:
    """A quiet button of 30 pixels; `name` and `key` make its tooltip and what a screen reader says."""
    button = QToolButton(parent)
    button.setAutoRaise(True)
    button.setFixedHeight(CONTROL)
    button.setMinimumWidth(CONTROL)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if icon:
        button.setIcon(icons.icon(icon))
        button.setIconSize(QSize(18, 18))
    if words:
        button.setText(words)
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if icon else Qt.ToolButtonStyle.ToolButtonTextOnly
        button.setToolButtonStyle(style)
        button.setMinimumWidth(button.fontMetrics().horizontalAdvance(words) + (44 if icon else 20))
    button.setAccessibleName(name)
    native = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
    button.setToolTip(f"{name} ({native})" if key else name)
    button.clicked.connect(lambda _=False: pressed())
    return button


def toggle_button(
    parent: QWidget, icon: str, name: str, key: str, toggled: Callable[[bool], None], words: str = ""
) -> QToolButton:
    """A button that stays down."""
    button = tool_button(parent, icon, name, key, lambda: None, words)
    button.setCheckable(True)
    button.toggled.connect(toggled)
    return button


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
