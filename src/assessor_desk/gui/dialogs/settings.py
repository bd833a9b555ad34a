"""Settings: how it looks, how keys work, when to sync. Each takes effect, and is kept, at once."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.gui import theme
from assessor_desk.gui.controls import outlined_button, quiet_button
from assessor_desk.gui.dialogs.sizing import resize_within, scrolled
from assessor_desk.gui.preferences import Preferences
from assessor_desk.gui.recording_preferences import PRE_ROLLS_S, RecordingPreferences
from assessor_desk.gui.syncing import can_tell_metered
from assessor_desk.gui.theme import Appearance

_APPEARANCES = {
    "As the system": Appearance.SYSTEM,
    "Light": Appearance.LIGHT,
    "Dark": Appearance.DARK,
    "High contrast": Appearance.CONTRAST,
}
_TEXT_SIZES = {"Small": 0.9, "Normal": 1.0, "Large": 1.15, "Larger": 1.35, "Largest": 2.0}
#: kB a second.
_PACES = {
    "As fast as the line is": 0,
    "At most 100 kB a second": 100,
    "At most 300 kB a second": 300,
    "At most 1 MB a second": 1000,
    "At most 3 MB a second": 3000,
}

_INTERVALS = {
    "Every 2 minutes": 2,
    "Every 5 minutes": 5,
    "Every 15 minutes": 15,
    "Every hour": 60,
    "Only when I ask": 0,
}

_LOCKED_AFTER = {
    "After 5 minutes": 5,
    "After 15 minutes": 15,
    "After 30 minutes": 30,
    "After an hour": 60,
    "Only when I ask": 0,
}

_PRE_ROLLS = {
    (f"From {seconds} seconds before" if seconds else "From its beginning"): seconds
    for seconds in PRE_ROLLS_S
}
_AFTER_SPAN = {"Pause": True, "Play on": False}


class SettingsDialog(QDialog):
    """Emits `changed` after each change."""

    changed = Signal()
    shortcuts_wanted = Signal()
    identity_wanted = Signal()

    def __init__(
        self, preferences: Preferences, parent: QWidget | None = None, further: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self.setWindowTitle("Settings")
        self.setMinimumWidth(460)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(10)
        self._grid.setColumnStretch(1, 1)
        self._words_of: dict[QCheckBox, QLabel] = {}
        self._fill()
        if further is not None:
            self._grid.addWidget(further, self._grid.rowCount(), 0, 1, 2)
        close = outlined_button("Close", self)
        close.clicked.connect(self.accept)
        keys = quiet_button("Change keyboard shortcuts…", self)
        keys.clicked.connect(self._on_shortcuts)
        buttons = QHBoxLayout()
        identity = quiet_button("Identity and certificate…", self)
        identity.clicked.connect(self._on_identity)
        buttons.addWidget(keys)
        buttons.addWidget(identity)
        buttons.addStretch(1)
        buttons.addWidget(close)
        self._arrange(buttons)

    def _arrange(self, buttons: QHBoxLayout) -> None:
        inside = QWidget(self)
        content = QVBoxLayout(inside)
        content.setContentsMargins(20, 20, 20, 4)
        content.addLayout(self._grid)
        content.addStretch(1)
        buttons.setContentsMargins(20, 0, 20, 16)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(scrolled(inside, "Settings", self), 1)
        column.addLayout(buttons)
        resize_within(self, 500, 680)

    def _fill(self) -> None:
        p = self._preferences
        self.appearance = self._choice("Appearance", _APPEARANCES, p.appearance, self._on_appearance)
        self.text_size = self._choice("Text size", _TEXT_SIZES, p.text_size, self._on_text_size)
        self.locked_after = self._choice(
            "Lock when nobody is there", _LOCKED_AFTER, p.lock_minutes, self._on_locked_after
        )
        self.interval = self._choice("Sync", _INTERVALS, p.sync_minutes, self._on_interval)
        self.metered = self._tick(
            "Fetch no files on a metered connection",
            "Where volume costs, packets and news go on; files come when you ask.",
            p.pause_on_metered,
            self._on_metered,
        )
        self._offer_metered(can_tell_metered())
        self.pace = self._choice("Downloads and uploads", _PACES, p.most_kilobytes, self._on_pace)
        self.overnight = self._tick(
            "Fetch original recordings overnight",
            "Small copies come first. At other times an original comes when you ask for it.",
            p.originals_overnight,
            self._on_overnight,
        )
        self._fill_recordings(RecordingPreferences(p.kept))
        self.single_keys = self._tick(
            "Single keys act",
            "Digits choose a level, J and K the criterion, A anchors. They never act while you type.",
            p.single_keys,
            self._on_single_keys,
        )

    def _fill_recordings(self, wanted: RecordingPreferences) -> None:
        """How recordings are played; it holds from the next time one is."""
        self.pre_roll = self._choice(
            "An anchor is played", _PRE_ROLLS, wanted.pre_roll_s, lambda: self._on_pre_roll(wanted)
        )
        self.after_span = self._choice(
            "At the end of its span",
            _AFTER_SPAN,
            wanted.stops_after_span,
            lambda: self._on_after_span(wanted),
        )
        self.writing_pauses = self._tick(
            "Writing pauses the recording",
            "Shift+Enter in a text, and saving the line of an anchor, go on from two seconds before.",
            wanted.pauses_for_writing,
            lambda pauses: setattr(wanted, "pauses_for_writing", pauses),
        )

    def _on_pre_roll(self, wanted: RecordingPreferences) -> None:
        wanted.pre_roll_s = int(self.pre_roll.currentData())

    def _on_after_span(self, wanted: RecordingPreferences) -> None:
        wanted.stops_after_span = bool(self.after_span.currentData())

    def _choice(self, title: str, choices: Mapping[str, object], now: object, chosen: object) -> QComboBox:
        row = self._grid.rowCount()
        label = QLabel(title, self)
        box = QComboBox(self)
        box.setAccessibleName(title)
        label.setBuddy(box)
        for words, value in choices.items():
            box.addItem(words, value)
        box.setCurrentIndex(max(0, list(choices.values()).index(now) if now in choices.values() else 0))
        box.currentIndexChanged.connect(chosen)
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(box, row, 1)
        return box

    def _tick(self, title: str, words: str, now: bool, toggled: object) -> QCheckBox:
        row = self._grid.rowCount()
        box = QCheckBox(title, self)
        box.setChecked(now)
        box.toggled.connect(toggled)
        self._grid.addWidget(box, row, 0, 1, 2)
        if words:
            label = QLabel(words, self)
            label.setObjectName("muted")
            label.setWordWrap(True)
            label.setContentsMargins(26, 0, 0, 0)
            box.setAccessibleDescription(words)
            self._words_of[box] = label
            self._grid.addWidget(label, row + 1, 0, 1, 2)
        return box

    def _offer_metered(self, possible: bool) -> None:
        """Not where the system cannot tell: it would change nothing."""
        for widget in (self.metered, self._words_of[self.metered]):
            widget.setVisible(possible)

    def _on_appearance(self) -> None:
        self._preferences.appearance = Appearance(self.appearance.currentData())
        self._dress()

    def _on_text_size(self) -> None:
        self._preferences.text_size = float(self.text_size.currentData())
        self._dress()

    def _dress(self) -> None:
        theme.apply(self._preferences.appearance, self._preferences.text_size)
        self.changed.emit()

    def _on_interval(self) -> None:
        self._preferences.sync_minutes = int(self.interval.currentData())
        self.changed.emit()

    def _on_locked_after(self) -> None:
        self._preferences.lock_minutes = int(self.locked_after.currentData())

    def _on_pace(self) -> None:
        self._preferences.most_kilobytes = int(self.pace.currentData())

    def _on_metered(self, paused: bool) -> None:
        self._preferences.pause_on_metered = paused
        self.changed.emit()

    def _on_overnight(self, wanted: bool) -> None:
        self._preferences.originals_overnight = wanted

    def _on_single_keys(self, act: bool) -> None:
        self._preferences.single_keys = act
        self.changed.emit()

    def _on_shortcuts(self) -> None:
        self.accept()
        self.shortcuts_wanted.emit()

    def _on_identity(self) -> None:
        self.accept()
        self.identity_wanted.emit()
