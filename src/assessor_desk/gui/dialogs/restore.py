"""Restore the desk's database: its snapshots, what restoring from one would change, and doing it.

The same for a desk that is open and for one that cannot be opened because its database is damaged.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.gui.controls import button_row, primary_button, quiet_button, wrapped_label
from assessor_desk.gui.dialogs.sizing import resize_within, scrolled
from assessor_desk.gui.pages.page import announce
from assessor_desk.gui.sizes import bytes_in_words
from assessor_desk.gui.tasks import Tasks

if TYPE_CHECKING:
    from assessor_desk.desk.restoring import (
        Preview,
        Restored,
        Restorer,
        SnapshotLine,
        Step,
        SubmissionPreview,
    )

_ABOUT = (
    "A snapshot is an encrypted copy of your work, taken every hour while you work and before each sync that changes "
    "something. Whatever you made after it is put on top of it: nothing is lost. Evidence is not part of it; what is "
    "missing of that comes with the next sync."
)
_WITHOUT_SNAPSHOTS = (
    "There is no snapshot yet. Restoring puts your work together again from the journal of everything that "
    "was saved."
)
_ALL_DAMAGED = (
    "Every snapshot is damaged. Restoring puts your work together again from the journal of everything that "
    "was saved."
)
#: The list beside what would change, in pixels.
_NARROWEST, _WIDEST, _PADDING = 220, 320, 36
_LOOKING = "Looking what would change…"
#: What is said of each step, by its name, in their order; the last one cannot be stopped any more.
_STEPS = {
    "COPYING": "Copying the snapshot…",
    "REPLAYING": "Putting back what was made after it…",
    "READING": "Reading what the database gives now…",
    "CHECKING": "Looking whether everything is whole…",
    "REPLACING": "Taking the database’s place…",
}
_FULL = 1000


class RestoreDialog(QDialog):
    """Asks `means` for the snapshots on the store lane. `restored` carries what was done; then the dialog closes."""

    restored = Signal(object)
    _progressed = Signal(object, int, int)

    def __init__(self, tasks: Tasks, means: Callable[[], Restorer], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks, self._means = tasks, means
        self._lines: list[SnapshotLine] = []
        self._asked = self._from_journal = ""
        self._stop: threading.Event | None = None
        self._given_up = threading.Event()
        self.preview: Preview | None = None
        self.setWindowTitle("Restore")
        self.list = QListWidget(self)
        self.list.setAccessibleName("Snapshots, the newest first")
        self.list.setMinimumWidth(_NARROWEST)
        self.list.setWordWrap(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.currentRowChanged.connect(self._on_row)
        self.told = wrapped_label("", "", self)
        self.trouble = wrapped_label("", "trouble", self)
        self.trouble.hide()
        self.go = primary_button("Restore", self)
        self.go.setEnabled(False)
        self.go.clicked.connect(self._on_go)
        self.bar = QProgressBar(self)
        self.bar.setRange(0, _FULL)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("How far restoring is")
        self.bar.hide()
        self._progressed.connect(self._on_progress)
        self.leave = quiet_button("Close", self)
        self.leave.clicked.connect(self.reject)
        self._arrange()
        self._ask(lambda restorer: restorer.snapshots(), self._show_lines)

    def _arrange(self) -> None:
        inside = QWidget(self)
        self._found = QVBoxLayout(inside)
        self._found.setContentsMargins(8, 0, 8, 0)
        self._found.setSpacing(6)
        self._found.addWidget(self.told)
        self._found.addStretch(1)
        middle = QHBoxLayout()
        middle.setSpacing(12)
        middle.addWidget(self.list, 2)
        middle.addWidget(scrolled(inside, "What restoring would change", self), 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(12)
        column.addWidget(wrapped_label("Restore your work", "headline", self))
        column.addWidget(wrapped_label(_ABOUT, "muted", self))
        column.addLayout(middle, 1)
        column.addWidget(self.trouble)
        column.addWidget(self.bar)
        column.addLayout(button_row(self.leave, self.go))
        resize_within(self, 820, 560)

    # Asking

    def _ask(
        self,
        work: Callable[[Restorer], Any],
        done: Callable[[Any], None],
        failed: Callable[[DeskError], None] | None = None,
    ) -> None:
        means = self._means
        self._tasks.store(lambda: work(means()), done, failed or self._refuse)

    def _refuse(self, error: DeskError) -> None:
        stopped = self._stop is not None and self._stop.is_set()
        self._rest(None)
        self.go.setEnabled(self.preview is not None)
        self.told.setText(sentence(error) if stopped else self._from_journal)
        self.trouble.setText("" if stopped else sentence(error))
        self.trouble.setVisible(not stopped)
        announce(self.told if stopped else self.trouble, sentence(error))

    def _show_lines(self, lines: list[SnapshotLine]) -> None:
        self._lines = lines
        for line in lines:
            at = line.taken_at.astimezone()
            words = f"{at:%a %Y-%m-%d, %H:%M} · {bytes_in_words(line.bytes)}\n{line.holds}\nTaken {line.why}"
            item = QListWidgetItem(words, self.list)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, words.replace("\n", ". "))
            if not line.sound:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
        self._keep_room_for_lines()
        sound = next((place for place, line in enumerate(lines) if line.sound), None)
        if sound is not None:
            self.list.setCurrentRow(sound)
        else:
            self.list.setVisible(bool(lines))
            self._from_journal = _ALL_DAMAGED if lines else _WITHOUT_SNAPSHOTS
            self._look("")

    def _keep_room_for_lines(self) -> None:
        """Room for the widest line in the list, within reason: a line that wraps takes the last one's place."""
        metrics = self.list.fontMetrics()
        lines = [line for row in range(self.list.count()) for line in self.list.item(row).text().split("\n")]
        widest = max((metrics.horizontalAdvance(line) for line in lines), default=0)
        self.list.setMinimumWidth(max(_NARROWEST, min(_WIDEST, widest + _PADDING)))

    def _on_row(self, row: int) -> None:
        if 0 <= row < len(self._lines) and self._lines[row].sound:
            self._look(self._lines[row].id)

    def _look(self, name: str) -> None:
        self._asked, self.preview = name, None
        self.go.setEnabled(False)
        self.trouble.hide()
        self._clear()
        self.told.setText(_LOOKING)
        self._give_up()
        given_up = self._given_up = threading.Event()

        def look(restorer: Restorer) -> Preview | None:
            """Each row passed on the way is asked for: what is typed meanwhile does not wait for all of them."""
            return None if given_up.is_set() else restorer.preview(name, given_up)

        def show(preview: Preview | None) -> None:
            if preview is not None and not given_up.is_set():
                self._show(preview)

        def refuse(error: DeskError) -> None:
            if not given_up.is_set():
                self._refuse(error)

        self._ask(look, show, refuse)

    def _give_up(self) -> None:
        """Nobody waits for the last look any more: another snapshot was chosen, or the box is left."""
        self._given_up.set()

    def _show(self, preview: Preview) -> None:
        self.preview = preview
        self.trouble.hide()
        self.told.setText(" ".join(filter(None, (self._from_journal, preview.present, preview.summary))))
        announce(self.told, self.told.text())
        kept = "Kept" if self._from_journal else "Made after the snapshot, and kept"
        for one in preview.submissions:
            self._found.insertWidget(self._found.count() - 1, _about(one, kept, self))
        self.go.setEnabled(True)

    def _clear(self) -> None:
        while self._found.count() > 2:
            taken = self._found.takeAt(1)
            if taken is not None and (widget := taken.widget()) is not None:
                widget.deleteLater()

    # Doing

    def _on_go(self) -> None:
        name, stop, told = self._asked, threading.Event(), self._progressed.emit
        self._rest(stop)
        self.told.setText("Restoring…")
        self.trouble.hide()
        self.leave.setFocus()
        self._ask(lambda restorer: restorer.restore(name, told, stop), self._done)

    def _rest(self, stop: threading.Event | None) -> None:
        """While it is being restored nothing else can be chosen, and it can be stopped."""
        self._stop = stop
        for widget in (self.go, self.list):
            widget.setEnabled(stop is None)
        self.bar.setValue(0)
        self.bar.setVisible(stop is not None)
        self.leave.setText("Close" if stop is None else "Cancel")
        self.leave.setEnabled(True)

    def _on_progress(self, step: Step, done: int, of: int) -> None:
        if self._stop is None or self._stop.is_set():
            return
        before = list(_STEPS).index(step.name)
        self.bar.setValue(round(_FULL * (before + (done / of if of else 0)) / len(_STEPS)))
        if self.told.text() != _STEPS[step.name]:
            self.told.setText(_STEPS[step.name])
            announce(self.told, self.told.text())
        self.leave.setEnabled(step.name != "REPLACING")

    def _done(self, done: Restored) -> None:
        self._rest(None)
        self.restored.emit(done)
        self.accept()

    def reject(self) -> None:
        """While it is being restored that only asks it to stop: whether it did is told, and then one may leave."""
        if self._stop is None:
            super().reject()
        elif self.leave.isEnabled():
            self._stop.set()
            self.leave.setEnabled(False)
            self.told.setText("Stopping…")

    def done(self, result: int) -> None:
        """Nobody looks any more."""
        self._give_up()
        super().done(result)

    def sizeHint(self) -> QSize:
        """Room for the list beside what it would change."""
        return QSize(820, 560)


def _about(one: SubmissionPreview, kept: str, parent: QWidget) -> QWidget:
    told = [
        f"{words}: {counts}."
        for words, counts in (
            ("Comes back", one.comes_back),
            (kept, one.kept),
            ("Not there any more", one.lost),
        )
        if counts
    ]
    box = QWidget(parent)
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 8, 0, 0)
    column.setSpacing(2)
    column.addWidget(wrapped_label(f"{one.key} {one.title}".strip(), "factTitle", box))
    for words in told:
        column.addWidget(wrapped_label(words, "muted", box))
    return box
