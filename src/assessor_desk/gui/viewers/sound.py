"""Sound: PCM to the sound device, and how far it has been heard. Without a device there is none, quietly."""

from __future__ import annotations

import contextlib
import os
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QIODevice, QMessageLogContext, QObject, QtMsgType, qInstallMessageHandler

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QAudioDevice, QAudioSink

FRAME_BYTES = 4
"""Bytes of one sample of both channels."""

_BUFFER_SECONDS = 0.2
_RATES = range(8_000, 192_001)
_NOT_FOR_PEOPLE = ("PulseAudio", "pa_context", "PipeWire", "ALSA", "qt.multimedia")


class SoundOut(QObject):
    """One stretch of sound after another: `begin`, `feed` what comes, `pump` now and then, `end`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._device: QAudioDevice | None = None
        self._sink: QAudioSink | None = None
        self._io: QIODevice | None = None
        self._pending: deque[bytes] = deque()
        self._volume, self._muted = 1.0, False
        self._taken = 0

    def find_device(self) -> bool:
        """Look for a sound device; False when there is none."""
        if not _sound_system_there():
            self._device = None
            return False
        with _quietly():
            # Loading the module already looks for sound systems.
            from PySide6.QtMultimedia import QMediaDevices

            device = QMediaDevices.defaultAudioOutput()
        self._device = None if device.isNull() else device
        return self.available

    @property
    def available(self) -> bool:
        return self._device is not None

    @property
    def sample_rate(self) -> int:
        """Samples a second that the device likes best."""
        rate = self._device.preferredFormat().sampleRate() if self._device else 0
        return rate if rate in _RATES else 48_000

    @property
    def running(self) -> bool:
        return self._sink is not None

    @property
    def pending_seconds(self) -> float:
        """Sound that came but was not taken by the device yet."""
        return sum(map(len, self._pending)) / (FRAME_BYTES * self.sample_rate)

    @property
    def drained(self) -> bool:
        """Whether the device has played all that came."""
        if self._sink is None:
            return not self._pending
        from PySide6.QtMultimedia import QtAudio

        return not self._pending and self._sink.state() == QtAudio.State.IdleState

    @property
    def heard_seconds(self) -> float:
        """How much of this stretch was heard."""
        return self._sink.processedUSecs() / 1e6 if self._sink is not None else 0.0

    def begin(self) -> None:
        """Forget the former stretch and open the device; sound starts with `start`."""
        self.end()
        if self._device is None:
            return
        from PySide6.QtMultimedia import QAudioFormat, QAudioSink

        layout = QAudioFormat()
        layout.setSampleRate(self.sample_rate)
        layout.setChannelCount(2)
        layout.setSampleFormat(QAudioFormat.SampleFormat.Int16)
        with _quietly():
            self._sink = QAudioSink(self._device, layout, self)
            self._sink.setBufferSize(round(_BUFFER_SECONDS * self.sample_rate) * FRAME_BYTES)
        self._set_volume()

    def start(self) -> None:
        """Let it be heard."""
        if self._sink is not None and self._io is None:
            with _quietly():
                self._io = self._sink.start()

    def feed(self, data: bytes) -> None:
        """Add sound to what is to be played."""
        self._pending.append(data)

    def pump(self) -> int:
        """Give the device what it has room for; the bytes it took."""
        if self._sink is None or self._io is None:
            return 0
        taken = 0
        while self._pending and (room := self._sink.bytesFree() // FRAME_BYTES * FRAME_BYTES) > 0:
            piece = self._pending.popleft()
            count = max(0, int(self._io.write(piece[:room])))
            taken += count
            if count < len(piece):
                self._pending.appendleft(piece[count:])
            if count == 0:
                break
        return taken

    def end(self) -> None:
        """Fall silent at once and forget what was not played."""
        self._pending.clear()
        sink, self._sink, self._io = self._sink, None, None
        if sink is not None:
            sink.reset()
            sink.deleteLater()

    @property
    def muted(self) -> bool:
        return self._muted

    @property
    def volume(self) -> float:
        """From 0 to 1, as the ear hears it."""
        return self._volume

    def set_volume(self, volume: float) -> None:
        """From 0 to 1, as the ear hears it."""
        self._volume = max(0.0, min(1.0, volume))
        self._set_volume()

    def set_muted(self, muted: bool) -> None:
        """Let nothing be heard, without stopping the clock that the sound is."""
        self._muted = muted
        self._set_volume()

    def _set_volume(self) -> None:
        if self._sink is not None:
            from PySide6.QtMultimedia import QtAudio

            scale = QtAudio.VolumeScale
            linear = QtAudio.convertVolume(
                self._volume, scale.LogarithmicVolumeScale, scale.LinearVolumeScale
            )
            self._sink.setVolume(0.0 if self._muted else linear)


def _sound_system_there() -> bool:
    """Whether asking for a device makes sense: without a sound system Qt asks again and again, and complains."""
    if sys.platform != "linux":
        return True
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    places = (
        runtime / "pulse" / "native",
        runtime / "pipewire-0",
        Path("/run/pulse/native"),
        Path("/dev/snd"),
    )
    return bool(os.environ.get("PULSE_SERVER")) or any(place.exists() for place in places)


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Keep back what sound systems print when they are not there: that is told in the window.

    PulseAudio's complaint comes in the default category, where no logging rule reaches it.
    """

    def sift(kind: QtMsgType, context: QMessageLogContext, words: str) -> None:
        if not f"{context.category} {words}".replace("default ", "").startswith(_NOT_FOR_PEOPLE):
            _pass_on(previous, kind, context, words)

    previous = qInstallMessageHandler(sift)
    try:
        yield
    finally:
        qInstallMessageHandler(previous)


def _pass_on(previous: object, kind: QtMsgType, context: QMessageLogContext, words: str) -> None:
    if callable(previous):
        previous(kind, context, words)
    else:
        sys.stderr.write(f"{words}\n")
