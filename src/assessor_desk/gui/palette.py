"""Ctrl+K: every command, every submission and every artifact, found by a few letters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.gui import theme
from assessor_desk.gui.actions import TABLE
from assessor_desk.gui.inbox_words import due_in_words

if TYPE_CHECKING:
    from assessor_desk.desk import InboxRow
    from assessor_desk.domain.errors import DeskError
    from assessor_desk.gui.session import Session
    from assessor_desk.gui.tasks import Tasks
    from assessor_desk.gui.workbench import Workbench

MOST = 40
#: From here on counts what has the letters, and not the words as they are.
_SCATTERED = 100
_HINT = Qt.ItemDataRole.UserRole
_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}


@dataclass(frozen=True)
class Entry:
    """Something to go to or to do; `hint` stands at its right (keys, a due date).

    `more` is found by too and not shown; what is there `on_demand` is listed once letters are typed.
    """

    title: str
    hint: str
    run: Callable[[], None]
    more: str = ""
    on_demand: bool = False


def entries_of(workbench: Workbench) -> list[Entry]:
    """All commands that are possible now, and the submissions that have been looked at in the inbox."""
    keys = workbench.actions_table.keys_in_words
    commands = [
        Entry(
            action.title.rstrip("…"), keys(action.id), workbench.action(action.id).trigger, more=action.also
        )
        for action in TABLE
        if action.id != "palette" and workbench.action(action.id).isEnabled()
    ]
    return commands + submission_entries(workbench, workbench.inbox.rows)


def submission_entries(workbench: Workbench, rows: Iterable[InboxRow]) -> list[Entry]:
    """Submissions, each found by its key and its whole title."""
    return [
        Entry(
            f"{row.key} · {row.short_title or row.title}",
            f"due {due_in_words(row.due_at)}" if row.due_at else "",
            partial(workbench.inbox.choose, row.submission_id),
            more=f"{row.key} {row.title}",
        )
        for row in rows
    ]


def artifact_entries(
    session: Session, workbench: Workbench, names: Iterable[tuple[str, str, str, str, str]]
) -> list[Entry]:
    """All artifacts, by name and label: each opens its submission with the artifact in front."""
    return [
        Entry(
            f"{name} · {key}", label, partial(_open_artifact, session, workbench, own_id, artifact),
            more=label, on_demand=True,
        )
        for own_id, key, artifact, name, label in names
    ]  # fmt: skip


def _open_artifact(session: Session, workbench: Workbench, submission_id: str, artifact_id: str) -> None:
    if session.submission_id == submission_id and session.case is not None:
        workbench.evidence.half.bring(artifact_id)
        return

    def bring() -> None:
        if session.case is not None and session.case.submission.id == submission_id:
            workbench.evidence.half.bring(artifact_id)
        elif session.wanted == submission_id:
            return  # it is still being opened
        session.case_changed.disconnect(bring)

    workbench.inbox.choose(submission_id)
    session.case_changed.connect(bring)


def matches(words: str, title: str) -> int | None:
    """How well `title` fits the letters typed, lower is better; None where it does not.

    Words that occur as they are come first, sooner before later; else the letters must occur in order, each beside
    the one before or at the beginning of a word, and gaps cost: “rs” finds “Review and seal”, “seal” does not find
    “Close and lock”.
    """
    whole, text = words.casefold().strip(), title.casefold()
    if whole in text:
        at_word = not whole or text.index(whole) == 0 or f" {whole}" in text
        return min(text.index(whole) + (0 if at_word else 50), _SCATTERED - 2)
    letters = whole.replace(" ", "")
    begins = r"(?<![^\W_])"
    found = re.search(begins + f"(?:|.*?{begins})".join(map(re.escape, letters)), text)
    return None if found is None else _SCATTERED + found.end() - len(letters)


def _fitness(words: str, entry: Entry) -> int | None:
    """As `matches`; what is not shown counts where its words occur as they are, after all that is."""
    shown = matches(words, entry.title)
    if shown is None or shown >= _SCATTERED:
        hidden = matches(words, entry.more) if entry.more else None
        if hidden is not None and hidden < _SCATTERED:
            return _SCATTERED - 1
    return shown


def find(words: str, entries: Sequence[Entry]) -> list[Entry]:
    """The entries that fit, best first, `MOST` at most."""
    asked = bool(words.strip())
    scored = [
        (_fitness(words, entry), number)
        for number, entry in enumerate(entries)
        if asked or not entry.on_demand
    ]
    fitting = sorted((score, number) for score, number in scored if score is not None)
    return [entries[number] for _, number in fitting[:MOST]]


class _Lines(QStyledItemDelegate):
    """A title at the left, a hint at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """One line with air."""
        return QSize(100, option.fontMetrics.height() + 16)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Ground, title, hint."""
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("soft"))
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 6, 6)
        inner = rect.adjusted(12, 0, -12, 0)
        painter.setPen(theme.colour("muted"))
        metrics, hint = option.fontMetrics, str(index.data(_HINT) or "")
        hint = metrics.elidedText(hint, Qt.TextElideMode.ElideRight, inner.width() * 6 // 10)
        painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, hint)
        room = inner.width() - metrics.horizontalAdvance(hint) - 16
        words = metrics.elidedText(str(index.data()), Qt.TextElideMode.ElideRight, room)
        painter.setPen(theme.colour("text"))
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
        painter.restore()


class Palette(QDialog):
    """A field and a list; the arrows choose, Return does it, Escape leaves."""

    def __init__(self, entries: Sequence[Entry], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._entries = entries
        self._found: list[Entry] = []
        self._far: Callable[[str], list[Entry]] | None = None
        self._near: list[Entry] = []
        self._tasks: Tasks | None = None
        self._seeking = False
        #: How much more is still to come.
        self.expected = 0
        self.setObjectName("palette")
        self.setAccessibleName("Commands, submissions and artifacts")
        self.field = self._make_field()
        self.list = self._make_list()
        self._nothing = QLabel("Nothing fits these letters", self)
        self._nothing.setObjectName("muted")
        self._nothing.setContentsMargins(12, 8, 12, 8)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        for widget in (self.field, self._nothing, self.list):
            column.addWidget(widget)
        self._place(parent)
        self._fill("")
        self.field.setFocus()

    def _make_field(self) -> QLineEdit:
        field = QLineEdit(self)
        field.setMinimumHeight(32)
        field.setPlaceholderText("A command, a submission or an artifact")
        field.setAccessibleName("Find a command, a submission or an artifact")
        field.textChanged.connect(self._fill)
        field.returnPressed.connect(self._on_chosen)
        field.installEventFilter(self)
        return field

    def _make_list(self) -> QListWidget:
        found = QListWidget(self)
        found.setAccessibleName("Found")
        found.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        found.setItemDelegate(_Lines(found))
        found.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        found.setMouseTracking(True)
        found.itemEntered.connect(found.setCurrentItem)
        found.itemClicked.connect(self._on_chosen)
        return found

    def _place(self, parent: QWidget) -> None:
        width = min(560, parent.width() - 40)
        self.resize(width, min(440, parent.height() - 80))
        where = parent.mapToGlobal(parent.rect().topLeft())
        self.move(where.x() + (parent.width() - width) // 2, where.y() + 48)

    def add(self, entries: Sequence[Entry]) -> None:
        """More to choose from has come."""
        self._entries = [*self._entries, *entries]
        self.expected = max(0, self.expected - 1)
        if self.field.text().strip():
            self._fill(self.field.text())

    def look_in(self, far: Callable[[str], list[Entry]], tasks: Tasks) -> None:
        """There is more than can be held here: a lane asks `far` for what fits the letters, for the last of them."""
        self._far, self._tasks, self.expected = far, tasks, 0
        self._seek()

    def _seek(self) -> None:
        words, far = self.field.text(), self._far
        if self._tasks is None or far is None or self._seeking or not words.strip():
            return
        self._seeking = True
        self._tasks.side(lambda: (words, find(words, far(words))), self._on_sought, self._on_unsought)

    def _on_unsought(self, _error: DeskError) -> None:
        """Commands, and what was looked at, are still here."""
        self._seeking = False

    def _on_sought(self, sought: tuple[str, list[Entry]]) -> None:
        self._seeking = False
        words, self._near = sought
        if words == self.field.text():
            self._show(words)
        else:
            self._seek()

    @property
    def titles(self) -> list[str]:
        """What is listed, best first."""
        return [entry.title for entry in self._found]

    def _fill(self, words: str) -> None:
        self._seek()
        self._show(words)

    def _show(self, words: str) -> None:
        self._found = find(words, [*self._entries, *self._near])
        self.list.clear()
        for entry in self._found:
            line = QListWidgetItem(entry.title)
            line.setData(_HINT, entry.hint)
            line.setData(
                Qt.ItemDataRole.AccessibleTextRole, ", ".join(filter(None, (entry.title, entry.hint)))
            )
            self.list.addItem(line)
        self.list.setCurrentRow(0)
        looking = self.expected or self._seeking
        self._nothing.setText("Looking further…" if looking else "Nothing fits these letters")
        self._nothing.setVisible(not self._found)

    def _on_chosen(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self._found):
            chosen = self._found[row]
            self.accept()
            chosen.run()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The arrows move in the list while the field keeps the cursor."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = _STEPS.get(Qt.Key(event.key()))
            if step:
                row = max(0, min(self.list.count() - 1, self.list.currentRow() + step))
                self.list.setCurrentRow(row)
                return True
        return super().eventFilter(watched, event)
