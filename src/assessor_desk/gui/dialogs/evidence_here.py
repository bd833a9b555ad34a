"""Evidence on this computer: how much it may take, what is here of each submission, and what was destroyed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.gui.controls import button_row, outlined_button, primary_button, wrapped_label
from assessor_desk.gui.dialogs.sizing import resize_within
from assessor_desk.gui.pages.page import announce
from assessor_desk.gui.session import Session
from assessor_desk.gui.sizes import bytes_in_words

if TYPE_CHECKING:
    from assessor_desk.desk.keeping import Destroyed, FreedSpace, HeldEvidence, Holdings

R = TypeVar("R")
_GB = 10**9
_LIMITS = {
    "As much as the disk allows": 0,
    "At most 2 GB": 2 * _GB,
    "At most 5 GB": 5 * _GB,
    "At most 10 GB": 10 * _GB,
    "At most 20 GB": 20 * _GB,
    "At most 50 GB": 50 * _GB,
    "At most 100 GB": 100 * _GB,
}
_OWN_ID = Qt.ItemDataRole.UserRole
_COLUMNS = ("Submission", "Originals", "Small copies", "Not here", "")


class EvidenceHereDialog(QDialog):
    """Reads what is here when it opens and after each act. `sync_wanted`: something is to be fetched."""

    sync_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setWindowTitle("Evidence on this computer")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(20, 20, 20, 16)
        self._column.setSpacing(8)
        self.used = wrapped_label("Reading…", "muted", self)
        self._column.addWidget(self.used)
        self._column.addLayout(self._limit_row())
        self.list = self._make_list()
        self._column.addWidget(self.list, 1)
        self.gone = wrapped_label("", "muted", self)
        self.gone.hide()
        self._column.addWidget(self.gone)
        self.trouble = wrapped_label("", "trouble", self)
        self.trouble.hide()
        self._column.addWidget(self.trouble)
        self._add_buttons()
        resize_within(self, 760, 560)
        session.changed.connect(self._on_changed)
        self._read()

    def _limit_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        title = QLabel("Evidence may take", self)
        title.setObjectName("fieldLabel")
        self.limit = QComboBox(self)
        self.limit.setAccessibleName("Evidence may take")
        for words, most in _LIMITS.items():
            self.limit.addItem(words, most)
        title.setBuddy(self.limit)
        self.limit.activated.connect(self._on_limit)
        row.addWidget(title)
        row.addWidget(self.limit)
        row.addStretch(1)
        return row

    def _make_list(self) -> QTreeWidget:
        made = QTreeWidget(self)
        made.setAccessibleName("Evidence by submission")
        made.setRootIsDecorated(False)
        made.setUniformRowHeights(True)
        made.setColumnCount(len(_COLUMNS))
        made.setHeaderLabels(list(_COLUMNS))
        made.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        made.header().setStretchLastSection(True)
        made.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        made.itemSelectionChanged.connect(self._on_chosen)
        return made

    def _add_buttons(self) -> None:
        self.offline = primary_button("Make available offline", self)
        self.offline.clicked.connect(self._on_offline)
        self.free = outlined_button("Free this space", self)
        self.free.clicked.connect(lambda: self._on_free(False))
        self.originals = outlined_button("Free originals only", self)
        self.originals.setToolTip("Of recordings that have a small copy here")
        self.originals.clicked.connect(lambda: self._on_free(True))
        close = outlined_button("Close", self)
        close.clicked.connect(self.accept)
        self._column.addSpacing(4)
        self._column.addLayout(button_row(self.originals, self.free, self.offline, left=close))
        self._on_chosen()

    # Reading

    def _read(self) -> None:
        self._session.tasks.side(self._session.desk.holdings, self._show, self._tell)

    def _on_changed(self, changes: Changes) -> None:
        if changes.kinds & {Kind.INBOX, Kind.LEDGER}:
            self._read()

    def _show(self, found: Holdings) -> None:
        if not isValid(self):
            return
        space = found.space
        over = " That is more than it may." if space.used > space.limit else ""
        self.used.setText(
            f"Evidence takes {bytes_in_words(space.used)} of {bytes_in_words(space.limit)} on this computer.{over} "
            f"{bytes_in_words(space.free)} are free on the disk. {' '.join(found.closing)}".strip()
        )
        self._show_limit(space.limit if space.chosen else 0)
        chosen = set(self._chosen())
        self.list.blockSignals(True)
        self.list.clear()
        for one in found.held:
            item = QTreeWidgetItem(_cells(one))
            item.setData(0, _OWN_ID, one.submission_id)
            item.setData(0, Qt.ItemDataRole.AccessibleTextRole, _in_words(one))
            for column in (1, 2, 3):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.list.addTopLevelItem(item)
            item.setSelected(one.submission_id in chosen)
        self.list.blockSignals(False)
        self._show_destroyed(found.destroyed)
        self._on_chosen()
        first = self.list.topLevelItem(0)
        if first is not None and self.list.currentItem() is None:
            self.list.setCurrentItem(first, 0, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_limit(self, most: int) -> None:
        index = self.limit.findData(most)
        if index < 0:
            self.limit.addItem(f"At most {bytes_in_words(most)}", most)
            index = self.limit.count() - 1
        self.limit.setCurrentIndex(index)

    def _show_destroyed(self, destroyed: Sequence[Destroyed]) -> None:
        self.gone.setText(destroyed_words(destroyed))
        self.gone.setVisible(bool(destroyed))

    # Acting

    def _chosen(self) -> list[str]:
        return [str(item.data(0, _OWN_ID)) for item in self.list.selectedItems()]

    def _on_chosen(self) -> None:
        some = bool(self.list.selectedItems())
        for button in (self.offline, self.free, self.originals):
            button.setEnabled(some)

    def _on_limit(self) -> None:
        most, desk = int(self.limit.currentData()), self._session.desk
        self._do(lambda: desk.set_evidence_limit(most), lambda changes: self._done(changes, sync=True))

    def _on_offline(self) -> None:
        wanted, desk = self._chosen(), self._session.desk
        self._do(lambda: desk.make_offline(wanted), lambda changes: self._done(changes, sync=True))

    def _on_free(self, originals_only: bool) -> None:
        wanted, desk = self._chosen(), self._session.desk
        if self._session.wanted in wanted:
            self._tell_words("One of these is open in the window. Go to another submission first.")
            return
        self._do(lambda: desk.free_space(wanted, originals_only), self._on_freed)

    def _on_freed(self, freed: FreedSpace) -> None:
        self._session.notices.tell(freed_words(freed), "positive")
        self._done(freed.changes, sync=False)

    def _do(self, work: Callable[[], R], done: Callable[[R], None]) -> None:
        self._tell_words("")
        self._session.tasks.store(work, done, self._tell)

    def _done(self, changes: Changes, *, sync: bool) -> None:
        self._session.changed.emit(changes)
        if sync:
            self.sync_wanted.emit()
        self._read()

    def _tell(self, error: DeskError) -> None:
        if isValid(self):
            self._tell_words(sentence(error))

    def _tell_words(self, words: str) -> None:
        self.trouble.setText(words)
        self.trouble.setVisible(bool(words))
        if words:
            announce(self.trouble, words)


def freed_words(freed: FreedSpace) -> str:
    """What freeing came to."""
    waits = f" {freed.in_use} files are in use and go later." if freed.in_use else ""
    return f"{bytes_in_words(freed.bytes)} freed. What you wrote stays; the evidence can be fetched again.{waits}"


def destroyed_words(destroyed: Sequence[Destroyed]) -> str:
    """What was destroyed here, and whether its source has the receipt."""
    if not destroyed:
        return ""
    left = [one for one in destroyed if one.gone_at is None]
    waiting = [one for one in destroyed if one.gone_at is not None and one.delivered_at is None]
    keys = {one.key for one in destroyed if one.files}  # of the others there was nothing here
    parts = [f"Destroyed on this computer: evidence of {_counted(len(keys), 'submission')}."] if keys else []
    done = len(destroyed) - len(left) - len(waiting)
    if done:
        parts.append(f"For {done} the source has a signed receipt.")
    if waiting:
        parts.append(f"{_counted(len(waiting), 'receipt')} to be sent with the next sync.")
    parts += [_why_not(one) for one in (*left, *waiting) if one.trouble]
    return " ".join(parts)


def _why_not(one: Destroyed) -> str:
    """What keeps a receipt back."""
    nothing = "" if one.files else "that nothing of it is here was not told yet. "
    return f"{one.key}: {nothing}{one.trouble.removesuffix('.')}."


def _counted(count: int, one: str) -> str:
    return f"{count} {one}{'' if count == 1 else 's'}"


def _cells(one: HeldEvidence) -> list[str]:
    sizes = [bytes_in_words(count) if count else "–" for count in (one.originals, one.renditions, one.away)]
    return [one.key, *sizes, _until(one)]


def _until(one: HeldEvidence) -> str:
    goes = f"goes {_day(one.goes_at)}" if one.goes_at is not None else ""
    closes = f"closes {_day(one.closes_at)} without contact" if one.closes_at is not None else ""
    return " · ".join(filter(None, (one.offline_words, goes, closes)))


def _in_words(one: HeldEvidence) -> str:
    sizes = (("originals", one.originals), ("small copies", one.renditions), ("not here", one.away))
    told = [f"{bytes_in_words(count)} {what}" for what, count in sizes if count]
    return ", ".join(filter(None, (one.key, *told, _until(one))))


def _day(at: datetime) -> str:
    local = at.astimezone()
    return f"{local.day} {local:%b %Y}"
