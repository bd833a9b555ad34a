"""The cross in a field to search in: there with the first letter, at once, and it empties the field."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from assessor_desk.gui.search_field import SearchField


def test_the_cross_is_there_while_something_is_looked_for_and_empties_the_field(qtbot: QtBot) -> None:
    field = SearchField()
    qtbot.addWidget(field)
    field.show()
    assert field.findChild(QToolButton) is None
    qtbot.keyClicks(field, "7f")
    cross = field.findChild(QToolButton)
    assert cross.isVisible()
    assert cross.toolTip() == "Clear the search"
    qtbot.mouseClick(cross, Qt.MouseButton.LeftButton)
    assert field.text() == ""
    assert not cross.isVisible()
    qtbot.keyClicks(field, "7")
    assert cross.isVisible()
    assert len(field.findChildren(QToolButton)) == 1
