"""The bar at the top: where one is, a way to find anything, and whether everything is safe."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QProgressBar, QPushButton, QToolButton, QWidget

from assessor_desk.desk.answers import Ledger
from assessor_desk.gui import icons, theme
from assessor_desk.gui.controls import ElidedLabel, KeyCap, quiet_button
from assessor_desk.gui.sizes import bytes_in_words


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

    def __init__(self, menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("topBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(12)
        self._add_left(row, menu)
        row.addStretch(1)
        row.addWidget(self._find_button())
        row.addStretch(1)
        self._add_right(row)

    def _add_left(self, row: QHBoxLayout, menu: QMenu) -> None:
        more = QToolButton(self)
        more.setIcon(icons.icon("menu"))
        more.setMenu(menu)
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        more.setAccessibleName("Menu")
        more.setToolTip("Menu")
        brand = QLabel("Assessor Desk", self)
        brand.setObjectName("brand")
        self._programme = ElidedLabel("", self)
        self._programme.setObjectName("muted")
        self._programme.setMinimumWidth(120)
        row.addWidget(more)
        row.addWidget(brand)
        row.addWidget(self._programme, 1)

    def _find_button(self) -> QPushButton:
        find = QPushButton(self)
        find.setObjectName("find")
        find.setMinimumWidth(300)
        find.setAccessibleName("Find a command or a submission")
        inside = QHBoxLayout(find)
        inside.setContentsMargins(10, 0, 8, 0)
        words = QLabel("Find a command or a submission", find)
        words.setObjectName("muted")
        words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        inside.addWidget(words, 1)
        inside.addWidget(KeyCap("Ctrl K", find), 0, Qt.AlignmentFlag.AlignVCenter)
        find.clicked.connect(self.find_wanted)
        return find

    def _add_right(self, row: QHBoxLayout) -> None:
        self._light = SaveLight(self)
        self._saved = QLabel("", self)
        self._waiting = QLabel("", self)
        self._progress = QProgressBar(self)
        self._progress.setFixedWidth(90)
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName("Sync progress")
        self._sync = quiet_button("Sync", self)
        self._sync.setIcon(icons.icon("sync", "accent"))
        self._sync.setToolTip("Sync now (F5)")
        self._sync.clicked.connect(self._on_sync)
        self._syncing = False
        for label in (self._saved, self._waiting):
            label.setObjectName("muted")
        for widget in (self._light, self._saved, self._waiting, self._progress, self._sync):
            row.addWidget(widget)
        self._progress.hide()
        self._light.hide()

    def show_programme(self, title: str) -> None:
        """Whose work this is."""
        self._programme.say(title)

    def show_saving(self) -> None:
        """Something is on its way to the disk."""
        self._light.show_colour("caution")
        self._light.show()
        self._saved.setText("saving…")

    def show_saved(self, at: datetime | None, where: str = "saved on this computer") -> None:
        """Everything is on the disk, since then."""
        self._light.show_colour("positive")
        self._light.setVisible(at is not None)
        words = f"{where} {at.astimezone():%H:%M:%S}" if at else ""
        self._saved.setText(words[:1].upper() + words[1:])

    def show_ledger(self, ledger: Ledger, *, connected: bool) -> None:
        """What waits, and when the source was last spoken to."""
        self._waiting.setText(f"{ledger.waiting_to_send} to send" if ledger.waiting_to_send else "")
        if self._syncing:
            return
        self._sync.setVisible(connected)
        if ledger.offline_reason:
            self._sync.setText("Offline")
            self._sync.setIcon(icons.icon("offline", "muted"))
            self._sync.setToolTip(
                f"{ledger.offline_reason} Your work is safe on this computer. Try again (F5)"
            )
        else:
            at = ledger.last_round_at
            self._sync.setText(f"Synced {at.astimezone():%H:%M}" if at else "Sync")
            self._sync.setIcon(icons.icon("sync", "accent"))
            self._sync.setToolTip("Sync now (F5)")

    def show_progress(self, words: str, done: int, total: int) -> None:
        """A round is under way; the button pauses it."""
        self._syncing = True
        self._progress.setVisible(total > 0)
        self._progress.setRange(0, 1000)
        self._progress.setValue(1000 * done // total if total else 0)
        self._sync.setVisible(True)
        self._sync.setText("Pause")
        self._sync.setIcon(icons.icon("pause", "accent"))
        sizes = f", {bytes_in_words(done)} of {bytes_in_words(total)}" if total else ""
        self._sync.setToolTip(f"{words}{sizes}. Click to pause; what has arrived stays")

    def end_progress(self) -> None:
        """The round is over."""
        self._syncing = False
        self._progress.hide()

    def _on_sync(self) -> None:
        (self.pause_wanted if self._syncing else self.sync_wanted).emit()
