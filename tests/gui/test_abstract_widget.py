"""A widget that does not say all that its kind must say cannot be made."""

from abc import abstractmethod

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from assessor_desk.gui.abstract_widget import AbstractWidget
from assessor_desk.gui.viewers.viewer import Viewer


class Shown(QWidget, metaclass=AbstractWidget):
    """What it is called, its subclasses say."""

    @abstractmethod
    def called(self) -> str:
        """Its name."""


class Plain(Shown):
    """One that says it."""

    def called(self) -> str:
        return "plain"


def test_what_says_everything_is_a_widget_like_any(qtbot: QtBot) -> None:
    plain = Plain()
    qtbot.addWidget(plain)
    assert isinstance(plain, QWidget)
    assert plain.called() == "plain"


@pytest.mark.parametrize(
    ("kind", "missing"), [(Shown, "called"), (Viewer, "current_selector, reveal, set_marks_vis")]
)
def test_what_leaves_something_unsaid_is_told_by_name(
    qapp: object, kind: type[QWidget], missing: str
) -> None:
    with pytest.raises(TypeError, match=f"{kind.__name__} cannot be made: it does not say {missing}"):
        kind()
