"""What stands at the right of the evidence: a pane about the open submission, criterion by criterion."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from assessor_desk.domain.feedback import Finding
from assessor_desk.gui.abstract_widget import AbstractWidget


class SidePane(QWidget, metaclass=AbstractWidget):
    """What the workbench asks of such a pane, whether one writes in it or reads."""

    criterion_activated = Signal(str)
    anchor_activated = Signal(str)
    anchor_wanted = Signal(str)
    anchor_given = Signal(str, str)
    keep_wanted = Signal(object)
    work_before_wanted = Signal()

    @property
    @abstractmethod
    def current_criterion(self) -> str:
        """The id of the criterion looked at, empty where none is."""

    @abstractmethod
    def step_criterion(self, step: int) -> None:
        """Go to the next (1) or previous (-1) criterion."""

    @abstractmethod
    def focus_text(self) -> None:
        """Put the cursor into a text of the current criterion."""

    @abstractmethod
    def show_finding(self, finding: Finding) -> None:
        """Go to what a finding is about."""

    def dress_keys(self, key_of: Callable[[str], str]) -> None:
        """Say the person's keys where they are told; `key_of` an act's id gives its first key in words."""

    @abstractmethod
    def flush(self) -> None:
        """Send what is being typed."""
