"""How recordings are played: speed and loudness, from one to the next and kept for the next day."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from assessor_desk.domain.errors import Unavailable, sentence
from assessor_desk.gui.recording_preferences import RecordingPreferences
from assessor_desk.gui.viewers.media_controls import MediaControls
from assessor_desk.gui.viewers.playback import RATES, Playback
from assessor_desk.gui.viewers.time_words import rate_words

_KEPT_AFTER_MS = 1_000
_LOUDER = 0.1


class PlayingManner(QObject):
    """Speed, volume and mute of a playback, shown by its controls."""

    said = Signal(str)
    """A word on what a key changed."""

    def __init__(self, playback: Playback, controls: MediaControls, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._playback, self._controls = playback, controls
        self._preferences = RecordingPreferences()
        self._keeping = QTimer(self)
        self._keeping.setSingleShot(True)
        self._keeping.setInterval(_KEPT_AFTER_MS)
        self._keeping.timeout.connect(self.keep)
        controls.rate_wanted.connect(self.set_rate)
        controls.volume_wanted.connect(self.set_volume)
        controls.mute_wanted.connect(self.toggle_mute)

    def prefer(self, preferences: RecordingPreferences) -> None:
        """Begin as it was left."""
        self._preferences = preferences
        if preferences.rate in RATES:
            self._playback.set_rate(preferences.rate)
        self._playback.sound.set_volume(preferences.volume)
        self._playback.sound.set_muted(preferences.muted)
        self.show()

    def set_rate(self, rate: float) -> None:
        """Play at a speed of `playback.RATES`."""
        self._playback.set_rate(rate)
        self.show()
        self._keeping.start()

    def step_rate(self, step: int) -> None:
        """Play a step faster (1) or slower (-1)."""
        place = RATES.index(self._playback.rate) + step
        self.set_rate(RATES[max(0, min(len(RATES) - 1, place))])
        self.said.emit(f"Speed {rate_words(self._playback.rate)}")

    def set_volume(self, volume: float) -> None:
        """From 0 to 1; what was muted is heard again."""
        self._playback.sound.set_muted(False)
        self._playback.sound.set_volume(volume)
        self.show()
        self._keeping.start()

    def louder(self, steps: int) -> None:
        """Louder (1) or quieter (-1)."""
        if not (self._playback.has_audio and self._playback.sound.available):
            self.said.emit(self._controls.volume.accessibleName())
            return
        self.set_volume(round(self._playback.sound.volume + steps * _LOUDER, 2))
        self.said.emit(self._controls.volume.accessibleName())

    def toggle_mute(self) -> None:
        """Let nothing be heard, or let it be heard again."""
        sound = self._playback.sound
        sound.set_muted(not sound.muted)
        self.show()
        self._keeping.start()
        self.said.emit(self._controls.volume.accessibleName())

    def show(self) -> None:
        """Let the controls say how it is."""
        playback = self._playback
        self._controls.show_rate(playback.rate)
        sound = playback.sound
        self._controls.show_sound(sound.available, playback.has_audio, sound.muted, sound.volume)

    def keep(self) -> None:
        """Keep it for the next time; a disk that refuses is told."""
        if not self._keeping.isActive() and self.sender() is not self._keeping:
            return
        self._keeping.stop()
        sound = self._playback.sound
        try:
            self._preferences.rate = self._playback.rate
            self._preferences.volume, self._preferences.muted = sound.volume, sound.muted
        except Unavailable as error:
            self.said.emit(sentence(error))
