"""What the keyboard does in any dialog: Return presses what has the focus, Tab stops only where it shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from assessor_desk.gui import theme
from assessor_desk.gui.controls import outlined_button, primary_button
from assessor_desk.gui.dialogs.sizing import scrolled


class _Asking(QDialog):
    """A dialog as all are: something to type, an act that Return does, and a way out; `lines` scroll above them."""

    def __init__(self, lines: int) -> None:
        super().__init__()
        self.pressed: list[str] = []
        inside = QWidget(self)
        inner = QVBoxLayout(inside)
        for number in range(lines):
            inner.addWidget(QLabel(f"Line {number}", inside))
        self.scroll = scrolled(inside, "Lines", self)
        self.field = QLineEdit(self)
        self.cancel, self.go = outlined_button("Cancel", self), primary_button("Go", self)
        self.go.setDefault(True)
        self.cancel.clicked.connect(lambda: self.pressed.append("Cancel"))
        self.go.clicked.connect(lambda: self.pressed.append("Go"))
        column = QVBoxLayout(self)
        for one in (self.scroll, self.field, self.cancel, self.go):
            column.addWidget(one)
        self.resize(300, 300)


@pytest.fixture(params=[40], ids=["long"])
def asking(request: pytest.FixtureRequest, qtbot: QtBot) -> Iterator[_Asking]:
    theme.apply(theme.Appearance.LIGHT)
    dialog = _Asking(request.param)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
        dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    yield dialog
    dialog.close()


def test_return_presses_the_button_that_has_the_focus_and_not_the_default_one(asking: _Asking) -> None:
    asking.cancel.setFocus()
    QTest.keyClick(asking.cancel, Qt.Key.Key_Return)
    assert asking.pressed == ["Cancel"]


def test_return_in_a_field_does_what_the_dialog_is_for(asking: _Asking) -> None:
    asking.field.setFocus()
    QTest.keyClick(asking.field, Qt.Key.Key_Enter)
    assert asking.pressed == ["Go"]


def test_a_button_that_cannot_be_pressed_now_is_not_pressed_by_return(asking: _Asking) -> None:
    asking.go.setEnabled(False)
    QTest.keyClick(asking.go, Qt.Key.Key_Return)
    asking.field.setFocus()
    QTest.keyClick(asking.field, Qt.Key.Key_Return)
    assert asking.pressed == []


def test_what_scrolls_takes_the_keys_and_shows_it(asking: _Asking) -> None:
    asking.field.setFocus()
    before = asking.scroll.grab().toImage().pixelColor(0, 100)
    QTest.keyClick(asking.field, Qt.Key.Key_Backtab)
    assert asking.scroll.hasFocus()
    ring = asking.scroll.grab().toImage().pixelColor(0, 100)
    assert ring == QColor(theme.colour("accent"))
    assert ring != before
    QTest.keyClick(asking.scroll, Qt.Key.Key_PageDown)
    assert asking.scroll.verticalScrollBar().value() > 0


@pytest.mark.parametrize("asking", [2], indirect=True, ids=["short"])
def test_tab_passes_by_what_has_nothing_to_scroll(asking: _Asking) -> None:
    asking.field.setFocus()
    QTest.keyClick(asking.field, Qt.Key.Key_Backtab)
    assert asking.go.hasFocus()
