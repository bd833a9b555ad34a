"""What of the queue is shown: a button that says it in words, over a menu to choose it, to save it and to come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QWidget

from assessor_desk.desk.queued import DECIDED, QueueFilter, QueueState
from assessor_desk.gui.queue_words import filter_in_words

_CHOICES: tuple[tuple[str, frozenset[QueueState]], ...] = (
    ("Awaiting a review", frozenset({QueueState.AWAITED})),
    ("To decide", frozenset({QueueState.TO_DECIDE})),
    ("On hold", frozenset({QueueState.ON_HOLD})),
    ("Passed back", frozenset({QueueState.PASSED_BACK})),
    ("Decided", DECIDED),
    ("Released", frozenset({QueueState.RELEASED})),
)
#: Qt's style sheets forget the padding of a button that has a menu: the words would touch its edge.
_LEAD = "\N{EN SPACE}"


class FilterButton(QPushButton):
    """Holds the filter in force; `changed` when it is another. Whoever keeps filters hears `saved` and `forgotten`."""

    changed = Signal()
    saved = Signal(str, object)
    forgotten = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.wanted = QueueFilter()
        self._titles: Mapping[str, str] = {}
        self._kept: Mapping[str, QueueFilter] = {}
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self.fill)
        self.setObjectName("filter")
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMenu(self._menu)
        self._say()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width shows more or less of its words."""
        super().resizeEvent(event)
        self._say()

    def offer(self, titles: Mapping[str, str], kept: Mapping[str, QueueFilter]) -> None:
        """Micro-credentials to choose from (id to title), and the filters that were saved."""
        self._titles, self._kept = titles, kept
        self._say()

    def choose(self, wanted: QueueFilter) -> None:
        """Put a filter in force."""
        if wanted != self.wanted:
            self.wanted = wanted
            self._say()
            self.changed.emit()

    @property
    def words(self) -> str:
        """The filter in force, by the name it was saved under where it has one."""
        named = next((name for name, kept in self._kept.items() if kept == self.wanted), "")
        return named or filter_in_words(self.wanted, self._titles.get(self.wanted.rubric_id, ""))

    def _say(self) -> None:
        words = f"Show: {self.words}"
        shown = self.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, max(60, self.width() - 40))
        self.setText(_LEAD + shown.replace("&", "&&"))
        self.setAccessibleName(words)
        self.setToolTip(words if shown != words else "")

    # The menu

    def fill(self) -> None:
        """Make the menu anew, as things stand."""
        self._menu.clear()
        self._add("Everything", self.wanted.empty, QueueFilter())
        self._menu.addSeparator()
        for title, states in _CHOICES:
            chosen = states <= self.wanted.states
            others = self.wanted.states - states if chosen else self.wanted.states | states
            self._add(title, chosen, replace(self.wanted, states=others))
        self._menu.addSeparator()
        self._add(
            "Only what is overdue", self.wanted.overdue, replace(self.wanted, overdue=not self.wanted.overdue)
        )
        self._add_micro_credentials()
        self._add_kept()

    def _add(self, title: str, chosen: bool, wanted: QueueFilter, menu: QMenu | None = None) -> QAction:
        act = (menu or self._menu).addAction(title.replace("&", "&&"))
        act.setCheckable(True)
        act.setChecked(chosen)
        act.triggered.connect(lambda: self.choose(wanted))
        return act

    def _add_micro_credentials(self) -> None:
        menu = self._menu.addMenu("Micro-credential")
        group = QActionGroup(menu)
        for rubric_id, title in (("", "All of them"), *sorted(self._titles.items(), key=lambda one: one[1])):
            wanted = replace(self.wanted, rubric_id=rubric_id)
            group.addAction(self._add(title, wanted == self.wanted, wanted, menu))

    def _add_kept(self) -> None:
        if self._kept:
            self._menu.addSeparator()
        for name, kept in self._kept.items():
            self._add(name, kept == self.wanted, kept)
        self._menu.addSeparator()
        named = next((name for name, kept in self._kept.items() if kept == self.wanted), "")
        if named:
            self._menu.addAction(f"Forget “{named}”").triggered.connect(lambda: self.forgotten.emit(named))
        save = self._menu.addAction("Save this filter…")
        save.setEnabled(not self.wanted.empty and not named)
        save.triggered.connect(self._ask_name)

    def _ask_name(self) -> None:
        from assessor_desk.gui.dialogs.name_filter import NameFilterDialog

        dialog = NameFilterDialog(self.words, self.window())
        dialog.named.connect(lambda name: self.saved.emit(name, self.wanted))
        dialog.open()
