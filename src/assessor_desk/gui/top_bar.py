"""The bar at the top: where one is, a way to find anything, and whether everything is safe."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QProgressBar, QPushButton, QToolButton, QWidget

from assessor_desk.gui import icons, theme
from assessor_desk.gui.controls import ElidedLabel, KeyCap, quiet_button, set_icon
from assessor_desk.gui.sizes import bytes_in_words

if TYPE_CHECKING:
    from assessor_desk.desk.answers import Ledger
    from assessor_desk.gui.syncing import Told

_ROOM_FOR_ALL = 1100
_ROOM_FOR_WORDS = 820
_STEPS = {"delivering": "Sending packets", "asking": "Asking what is new", "fetching": "Fetching"}


class SaveLight(QWidget):
    """A dot beside the save state; the words say the same."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._colour = "positive"
        self.setFixedSize(10, 10)

    def show_colour(self, name: str) -> None:
        """Another colour."""
        self._colour = name
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The dot."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(self._colour))
        painter.drawEllipse(QRectF(1, 1, 8, 8))


class TopBar(QWidget):
    """Brand, programme, find, save state, what waits, and the sync."""

    find_wanted = Signal()
    sync_wanted = Signal()
    pause_wanted = Signal()
    cancel_wanted = Signal()
    standing_wanted = Signal()

    def __init__(self, menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("topBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._syncing = False
        self._sync_key = ""
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 12, 7)
        row.setSpacing(16)
        row.addWidget(self._left(menu), 1)
        row.addWidget(self._find_button())
        row.addWidget(self._right(), 1)

    def _left(self, menu: QMenu) -> QWidget:
        left = QWidget(self)
        row = QHBoxLayout(left)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        more = QToolButton(left)
        more.setIcon(icons.icon("menu"))
        more.setMenu(menu)
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        more.setAccessibleName("Menu")
        more.setToolTip("Menu")
        self._brand = brand = QLabel("Assessor Desk", left)
        brand.setObjectName("brand")
        self._programme = ElidedLabel("", left)
        self._programme.setObjectName("muted")
        row.addWidget(more)
        row.addWidget(brand)
        row.addSpacing(8)
        row.addWidget(self._programme, 1)
        return left

    def _find_button(self) -> QPushButton:
        self._find = find = QPushButton(self)
        find.setObjectName("find")
        find.setAccessibleName("Find a command or a submission")
        inside = QHBoxLayout(find)
        inside.setContentsMargins(10, 0, 8, 0)
        words = ElidedLabel("Find a command or a submission", find)
        words.setObjectName("muted")
        words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._find_key = KeyCap("", find)
        inside.addWidget(words, 1)
        inside.addWidget(self._find_key, 0, Qt.AlignmentFlag.AlignVCenter)
        find.clicked.connect(self.find_wanted)
        return find

    def _right(self) -> QWidget:
        right = QWidget(self)
        row = QHBoxLayout(right)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self._light = SaveLight(right)
        self._light.hide()
        self._saved = QLabel("", right)
        self._saved.setAccessibleName("Save state")
        self._waiting = QLabel("", right)
        for label in (self._saved, self._waiting):
            label.setObjectName("muted")
        row.addStretch(1)
        row.addWidget(self._light)
        row.addWidget(self._saved)
        row.addSpacing(6)
        row.addWidget(self._waiting)
        row.addSpacing(2)
        self._add_sync(row, right)
        return right

    def _add_sync(self, row: QHBoxLayout, right: QWidget) -> None:
        self._progress = QProgressBar(right)
        self._progress.setFixedWidth(80)
        self._progress.setRange(0, 1000)
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName("Sync progress")
        self._progress.hide()
        self._sync = quiet_button("Sync", right)
        self._sync.clicked.connect(self._on_sync)
        self._sync.hide()
        self._why = QToolButton(right)
        self._why.setIcon(icons.icon("chevron-down", "muted"))
        self._why.setToolTip("What waits, and why")
        self._why.setAccessibleName("What waits, and why")
        self._why.clicked.connect(self.standing_wanted)
        self._why.hide()
        self._cancel = QToolButton(right)
        self._cancel.setIcon(icons.icon("x", "muted"))
        self._cancel.setToolTip("Cancel this round; what has arrived stays")
        self._cancel.setAccessibleName("Cancel this round")
        self._cancel.clicked.connect(self.cancel_wanted)
        self._cancel.hide()
        for widget in (self._progress, self._sync, self._why, self._cancel):
            row.addWidget(widget)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What matters least goes first where there is little room."""
        super().resizeEvent(event)
        width = event.size().width()
        self._programme.setVisible(width >= _ROOM_FOR_WORDS)
        self._brand.setVisible(width >= _ROOM_FOR_WORDS)
        self._row.setStretch(0, 1 if width >= _ROOM_FOR_WORDS else 0)
        self._find.setFixedWidth(360 if width >= _ROOM_FOR_ALL else 260 if width >= _ROOM_FOR_WORDS else 150)
        self._find_key.setVisible(width >= _ROOM_FOR_WORDS)

    # Showing

    def show_keys(self, find: str, sync: str) -> None:
        """The keys in force for finding and syncing."""
        self._find_key.setText(find)
        self._find_key.setVisible(bool(find) and self.width() >= _ROOM_FOR_WORDS)
        self._sync_key = f" ({sync})" if sync else ""
        shown = QKeySequence(find).toString(QKeySequence.SequenceFormat.NativeText)
        self._find.setToolTip(f"Find a command or a submission ({shown})" if find else "")

    def show_programme(self, title: str) -> None:
        """Whose work this is."""
        self._programme.say(title)

    def show_saving(self) -> None:
        """Something is on its way to the disk."""
        self._light.show_colour("caution")
        self._light.show()
        self._saved.setText("Saving…")

    def show_unsaved(self) -> None:
        """Something typed could not be put on the disk."""
        self._light.show_colour("danger")
        self._light.show()
        self._saved.setText("Not saved yet")

    def show_saved(self, at: datetime | None, where: str = "saved on this computer") -> None:
        """Everything is on the disk, since then."""
        self._light.show_colour("positive")
        self._light.setVisible(at is not None)
        words = f"{where} {at.astimezone():%H:%M:%S}" if at else ""
        self._saved.setText(words[:1].upper() + words[1:])

    @property
    def save_state(self) -> str:
        """What the bar says of saving."""
        return self._saved.text()

    @property
    def sync_light(self) -> QWidget:
        """What the words on syncing open below."""
        return self._why

    @property
    def sync_state(self) -> str:
        """What the bar says of syncing."""
        return self._sync.text() if not self._sync.isHidden() else ""

    def show_ledger(
        self, ledger: Ledger, *, connected: bool, why_paused: str = "", files_wait: str = ""
    ) -> None:
        """What waits, and when the source was last spoken to; `files_wait` says why files do not come now."""
        self._show_waiting(ledger)
        if self._syncing:
            return
        self._sync.setVisible(connected)
        self._why.setVisible(connected)
        if why_paused:
            self._say_sync("Paused", "play", f"{why_paused} Sync all the same{self._sync_key}")
        elif ledger.offline_reason:
            words = f"{ledger.offline_reason} Your work is safe on this computer. Try again{self._sync_key}"
            words = " ".join((*ledger.closing, words))
            away = "No stick" if ledger.by_stick else "Offline"
            self._say_sync(away if ledger.away else "Not synced", "offline", words)
        elif files_wait and ledger.bytes_to_go:
            size = bytes_in_words(ledger.bytes_to_go)
            self._say_sync("Files wait", "pause", f"{files_wait} Fetch {size} all the same{self._sync_key}")
        elif ledger.closing:
            self._say_sync("Sync soon", "sync", f"{' '.join(ledger.closing)} Sync now{self._sync_key}")
        else:
            at = ledger.last_round_at
            words = f"Synced {at.astimezone():%H:%M}" if at else "Sync"
            self._say_sync(words, "sync", f"Sync now{self._sync_key}")

    def _show_waiting(self, ledger: Ledger) -> None:
        """What waits to be sent; by stick it lies there until the receipt comes back."""
        count, away = ledger.waiting_to_send, not ledger.by_stick or ledger.away
        where, tip = (
            ("to send", "") if away else ("on the stick", "The hub’s receipt comes back with the stick")
        )
        self._waiting.setText(f"{count} {where}" if count else "")
        self._waiting.setToolTip(tip if count else "")

    def _say_sync(self, words: str, icon: str, tip: str) -> None:
        self._sync.setText(words)
        set_icon(self._sync, icon, "muted")
        self._sync.setToolTip(tip)
        self._sync.setAccessibleDescription(tip)

    def show_progress(self, told: Told) -> None:
        """A round is under way; the button pauses it, the cross ends it."""
        self._syncing = True
        total = told.bytes_total
        self._progress.setVisible(total > 0)
        self._progress.setValue(1000 * told.bytes_done // total if total else 0)
        sizes = f", {bytes_in_words(told.bytes_done)} of {bytes_in_words(total)}" if total else ""
        words = f"{_STEPS.get(told.step, told.step)} {told.what}".strip()
        self._say_sync("Pause", "pause", f"{words}{sizes}. Pause; what has arrived stays")
        self._progress.setToolTip(f"{words}{sizes}")
        self._sync.show()
        self._why.hide()
        self._cancel.show()

    def end_progress(self) -> None:
        """The round is over."""
        self._syncing = False
        self._progress.hide()
        self._cancel.hide()

    def _on_sync(self) -> None:
        (self.pause_wanted if self._syncing else self.sync_wanted).emit()
