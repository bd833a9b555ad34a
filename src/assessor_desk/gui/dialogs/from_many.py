"""What is made of many decisions, chosen, told beforehand, and made: the frame that report and export share."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.desk.choosing import Choices
from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.gui.abstract_widget import AbstractWidget
from assessor_desk.gui.controls import outlined_button, primary_button, wrapped_label
from assessor_desk.gui.dialogs.folder_row import FolderRow
from assessor_desk.gui.dialogs.sizing import resize_within, scrolled
from assessor_desk.gui.flow_layout import FlowLayout
from assessor_desk.gui.pages.page import announce
from assessor_desk.gui.preferences import Preferences
from assessor_desk.gui.selection_box import SelectionBox
from assessor_desk.gui.session import Session
from assessor_desk.gui.tab_order import in_layout_order, set_tab_order

_LOOKS_AFTER_MS = 120
NOTHING_DECIDED = "Nothing is decided on this desk yet. A submission is here once its decision is sealed."


class FromManyDialog(QDialog, metaclass=AbstractWidget):
    """A selection, what is to be made of it, a folder; a line that tells what that amounts to; progress and cancel.

    A subclass names itself in `purpose`, adds its own rows, and says what it looks up, makes and tells.
    `made` carries what was made, when the dialog has closed or says the rest itself.
    """

    made = Signal(object)
    _progressed = Signal(int, int, str)

    def __init__(
        self, purpose: str, session: Session, preferences: Preferences, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.session, self._preferences, self._purpose = session, preferences, purpose
        self.choices = Choices()
        self.stop: threading.Event | None = None
        self._asked = 0
        self._outlook: object = None
        self.selection = SelectionBox(datetime.now(UTC).date(), self)
        self.selection.changed.connect(self.look)
        self._progressed.connect(self._on_progress)
        self._pause = QTimer(self, singleShot=True, interval=_LOOKS_AFTER_MS)
        self._pause.timeout.connect(self._ask)

    # What it looks like

    def build(self, title: str, verb: str, width: int, height: int) -> None:
        """Lay everything out; a subclass has made its own rows."""
        self.setWindowTitle(title)
        self._folder_row = FolderRow(self._preferences.export_folder, "Write into a folder", self)
        self._folder_row.changed.connect(self._on_folder)
        self.told = wrapped_label("", "outlook", self)
        self.trouble = wrapped_label("", "trouble", self)
        self.trouble.hide()
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("How far it is")
        self.bar.hide()
        self.go = primary_button(verb, self)
        self.go.setDefault(True)
        self.go.clicked.connect(self._on_go)
        self.leave = outlined_button("Cancel", self)
        self.leave.clicked.connect(self.reject)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 16)
        outer.setSpacing(10)
        self._inside = scrolled(self._rows(), "What is wanted", self)
        outer.addWidget(self._inside, 1)
        for shown in (self._folder_row, self.told, self.trouble, self.bar, self._buttons()):
            row = QHBoxLayout()
            row.setContentsMargins(20, 0, 20, 0)
            row.addWidget(shown)
            outer.addLayout(row)
        resize_within(self, width, height)
        set_tab_order(in_layout_order(self))
        self.session.tasks.side(self._read, self._offer, self._refuse)

    def _rows(self) -> QWidget:
        inside = QWidget(self)
        column = QVBoxLayout(inside)
        column.setContentsMargins(20, 20, 20, 4)
        column.setSpacing(8)
        self.add_rows(self.selection.add_row)
        column.addWidget(self.selection)
        column.addStretch(1)
        return inside

    @abstractmethod
    def add_rows(self, add: Callable[[str, QWidget, int], None]) -> None:
        """Add what else there is to choose: words before a field, the field, and room above."""

    def own_buttons(self) -> list[QPushButton]:
        """What else can be done, for the left of the foot."""
        return []

    def ticks(
        self, titles: Mapping[Any, tuple[str, str]], stacked: bool
    ) -> tuple[QWidget, dict[Any, QCheckBox]]:
        """Boxes to tick, each with what it means: in a row, told in tooltips, or one below the other and told."""
        holder, boxes = QWidget(self), {}
        layout = QVBoxLayout(holder) if stacked else FlowLayout(holder, gap=16)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0 if stacked else 16)
        for value, (title, meaning) in titles.items():
            boxes[value] = box = QCheckBox(title, holder)
            box.setChecked(True)
            box.setAccessibleDescription(meaning)
            box.toggled.connect(self.allow)
            layout.addWidget(box)
            if stacked:
                about = wrapped_label(meaning, "muted", holder)
                about.setContentsMargins(26, 0, 0, 6)
                layout.addWidget(about)
            else:
                box.setToolTip(meaning)
        return holder, boxes

    def _buttons(self) -> QWidget:
        holder = QWidget(self)
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(8)
        for own in self.own_buttons():
            row.addWidget(own)
        row.addStretch(1)
        row.addWidget(self.leave)
        row.addWidget(self.go)
        return holder

    # What there is

    def _read(self) -> tuple[Choices, dict[str, Any]]:
        desk = self.session.desk
        return desk.choices(), desk.kept_choices(self._purpose)

    def _offer(self, found: tuple[Choices, dict[str, Any]]) -> None:
        self.choices, kept = found
        self.selection.offer(self.choices)
        self.selection.take_up(kept)
        self.take_up(kept)
        self.look()

    @abstractmethod
    def take_up(self, kept: Mapping[str, Any]) -> None:
        """Choose what was chosen before, beside the selection."""

    @property
    def kept(self) -> dict[str, Any]:
        """What is chosen, to be taken up another time."""
        return self.selection.kept

    def show_whole(self, field: QWidget) -> None:
        """Scroll to a field once it has its place."""
        self._inside.ensureWidgetVisible(field)

    # What it amounts to

    def look(self) -> None:
        """Something else was chosen: tell soon what that amounts to."""
        self._outlook = None
        self._asked += 1
        self.trouble.hide()
        if not self.choices.micro_credentials:
            self.told.setText(NOTHING_DECIDED)
        elif wanting := self.wanting_choice:
            self.told.setText(f"{wanting}.")
        else:
            self._pause.start()
        self.allow()

    def _ask(self) -> None:
        asked, work = self._asked, self.looking()
        self.session.tasks.side(work, lambda found: self._tell(asked, found), self._refuse)

    @abstractmethod
    def looking(self) -> Callable[[], object]:
        """What finds out, away from the window, what the choice amounts to."""

    def _tell(self, asked: int, outlook: object) -> None:
        if asked == self._asked and self.stop is None:
            self._outlook = outlook
            words = self.words_of(outlook)
            self.told.setText(words)
            announce(self.told, words)
            self.allow()

    @abstractmethod
    def words_of(self, outlook: Any) -> str:
        """What the choice amounts to, in words."""

    @property
    def outlook(self) -> Any:
        """What the choice amounts to; None while nobody knows."""
        return self._outlook

    @property
    def wanting_choice(self) -> str:
        """What of the choice itself is wanted; empty where nothing is."""
        return self.selection.wanting

    @property
    def wanting(self) -> str:
        """What is wanted before it can be made; empty where nothing is."""
        if not self.choices.micro_credentials:
            return "Nothing is decided yet"
        return self.wanting_choice or ("" if self._outlook is not None else "One moment")

    def allow(self) -> None:
        """Let it be made where nothing is wanted."""
        self.go.setEnabled(not self.wanting)
        self.go.setToolTip(self.wanting)

    # Where to

    @property
    def folder(self) -> Path:
        """Where the files go."""
        return self._folder_row.folder

    def choose_folder(self, folder: Path) -> None:
        """Take another folder."""
        self._folder_row.choose(folder)

    def _on_folder(self) -> None:
        """What another folder refused says nothing of this one, and what went there goes on there alone."""
        self.trouble.hide()
        self.allow()

    # Making it

    @abstractmethod
    def making(self, stop: threading.Event, told: Callable[[int, int, str], None]) -> Callable[[], object]:
        """What makes it, away from the window, telling how far it is, until it is stopped."""

    @abstractmethod
    def finish(self, result: Any) -> None:
        """It is made, or was stopped."""

    def _on_go(self) -> None:
        if self.wanting or self.stop is not None:
            return
        stop = self.stop = threading.Event()
        self.trouble.hide()
        self._rest(True)
        work, kept, desk = self.making(stop, self._progressed.emit), self.kept, self.session.desk
        purpose = self._purpose

        def run() -> object:
            desk.keep_choices(purpose, kept)
            return work()

        self.session.tasks.side(run, self._on_done, self._on_failed)

    def _rest(self, resting: bool) -> None:
        for widget in (self._inside, self._folder_row, *self.own_buttons()):
            widget.setEnabled(not resting)
        self.go.setVisible(not resting)
        self.bar.setVisible(resting)
        self.bar.setRange(0, 0)
        self.leave.setEnabled(True)
        if resting:
            self.told.setText("Making it…")
            self.leave.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.stop = None
            self.allow()

    def _on_progress(self, done: int, total: int, words: str) -> None:
        if self.stop is not None and not self.stop.is_set():
            self.bar.setRange(0, max(1, total))
            self.bar.setValue(done)
            self.told.setText(words)

    def _on_done(self, result: object) -> None:
        self._preferences.export_folder = str(self.folder)
        self._rest(False)
        self.finish(result)

    def _on_failed(self, error: DeskError) -> None:
        self._rest(False)
        self.look()
        self._refuse(error)

    def _refuse(self, error: DeskError) -> None:
        self.trouble.setText(sentence(error))
        self.trouble.show()
        announce(self.trouble, sentence(error))

    def reject(self) -> None:
        """Cancel what is being made, or leave."""
        if self.stop is None:
            super().reject()
        elif not self.stop.is_set():
            self.stop.set()
            self.leave.setEnabled(False)
            self.told.setText("Stopping…")

    def closeEvent(self, event: QCloseEvent) -> None:
        """What is being made is cancelled first."""
        if self.stop is not None:
            event.ignore()
            self.reject()
            return
        super().closeEvent(event)
