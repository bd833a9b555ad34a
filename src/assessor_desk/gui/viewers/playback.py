"""Playing one recording: what is asked of its worker, when each picture is shown, and where the sound is.

The worker sends pictures ahead for as long as there is room; they are shown when the clock reaches them. The
sound leads the clock; the wall does where there is no sound device, or no sound any more. Nothing here blocks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage

from assessor_desk.gui.viewers.clock import Clock
from assessor_desk.gui.viewers.recording_handle import MediaEvent, MediaHandle, image_of
from assessor_desk.gui.viewers.sound import SoundOut

RATES = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
_IDLE_TICK_MS = 10
_LONGEST_TICK_MS = 20
_FIRST_SOUND_SECONDS = 0.1
_START_ANYWAY_MS = 900
_WATCH_MS = 1000
_WAITING_MS = 400
"""A picture that takes longer is being waited for, and that is said."""


@dataclass(frozen=True, slots=True)
class Loop:
    """A stretch played again and again."""

    start_ms: int
    end_ms: int


class Playback(QObject):
    """The one recording of a viewer. `restart` is told to bring a lost worker back, off the GUI thread."""

    pictured = Signal(QImage)
    moved = Signal(int)
    playing_changed = Signal(bool)
    told = Signal(object)
    lost = Signal(str)
    waiting_changed = Signal(bool)
    """Whether a picture is being waited for, longer than a person takes for granted."""

    span_played = Signal()
    """What `play_from` was to play is over, and it is paused there."""

    _arrived = Signal(object)

    def __init__(
        self, restart: Callable[[Callable[[], None], Callable[[], None]], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._restart = restart
        self.sound = SoundOut(self)
        self.clock = Clock()
        self.rate = 1.0
        self.playing = False
        self.loop: Loop | None = None
        self._handle: MediaHandle | None = None
        self._queue: deque[MediaEvent] = deque()
        self._arrived.connect(self._on_event, Qt.ConnectionType.QueuedConnection)
        self._tick = QTimer(self)
        self._tick.setTimerType(Qt.TimerType.PreciseTimer)
        self._tick.setSingleShot(True)
        self._tick.timeout.connect(self._on_tick)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_START_ANYWAY_MS)
        self._patience.timeout.connect(self._start_clock)
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(_WAITING_MS)
        self._slow.timeout.connect(lambda: self._set_waiting(True))
        self._watch = QTimer(self)
        self._watch.setInterval(_WATCH_MS)
        self._watch.timeout.connect(self._on_watch)
        self._waiting = False
        self._forget()

    def _forget(self) -> None:
        self._queue.clear()
        self._pictures_of, self._sound_of = -1, -1
        self._shown_ms = 0
        self.shown_frame_us: int | None = None
        self._awaiting = self._adopts_time = self._pictures_ended = self._sound_ended = False
        self._steps_due = 0
        self._sound_from = 0.0
        self._until: int | None = None
        self._scrubbing = False
        self.loop = None
        self.clock = Clock()
        self._set_waiting(False)

    # What the person does

    def open(self, handle: MediaHandle) -> None:
        """Show the beginning of a recording and survey it."""
        self.close()
        self._forget()
        self._handle = handle
        handle.listen_to(lambda event: self._arrived.emit((handle, event)))
        self.sound.find_device()
        self._watch.start()
        handle.survey()
        self.seek(0)

    def close(self) -> None:
        """Stop and let go of the recording, at once; closing its handle is left to the caller."""
        self.pause()
        self._watch.stop()
        self._tick.stop()
        self._set_waiting(False)
        handle, self._handle = self._handle, None
        if handle is not None:
            handle.silence()
        self._queue.clear()

    @property
    def opened(self) -> bool:
        return self._handle is not None

    @property
    def has_video(self) -> bool:
        return bool(self._handle and self._handle.facts["has_video"])

    @property
    def has_audio(self) -> bool:
        return bool(self._handle and self._handle.facts["has_audio"])

    @property
    def duration_ms(self) -> int:
        return int(self._handle.facts["duration_ms"]) if self._handle else 0

    @property
    def position_ms(self) -> int:
        """Where it is, from the first picture."""
        return max(0, min(round(self.clock.read()), self.duration_ms))

    def play(self) -> None:
        """Play from here; from the beginning when it is at its end."""
        if self._handle is None or self.playing:
            return
        if not self._handle.alive:
            self._restart(self._handle.reopen, self._on_restarted)
            return
        if self.position_ms >= self._last_ms():
            self.seek(0)
        self.playing = True
        self._handle.note_playing(True)
        self.playing_changed.emit(True)
        self._begin_sound()
        self._await_start()

    def pause(self) -> None:
        """Stop at once."""
        self._until = None
        self._patience.stop()
        self.clock.stop()
        self._end_sound()
        if self.playing:
            self.playing = False
            if self._handle is not None:
                self._handle.note_playing(False)
            self.playing_changed.emit(False)

    def toggle(self) -> None:
        """Play, or pause."""
        self.pause() if self.playing else self.play()

    def play_from(self, ms: int, until_ms: int | None = None) -> None:
        """Play from a moment on, and pause where told; a seek meanwhile plays on."""
        self.seek(ms)
        self._until = until_ms
        self.play()

    def seek(self, ms: int, scrubbing: bool = False) -> None:
        """Go to a moment, and play on from there if it was playing."""
        if self._handle is None:
            return
        self._until = None
        ms = max(0, min(ms, self.duration_ms))
        self.clock.stop()
        self.clock.set(ms)
        self._end_sound()
        if scrubbing != self._scrubbing:
            # While somebody drags, pictures come first.
            self._scrubbing = scrubbing
            self._handle.note_playing(self.playing or scrubbing)
        self._ask_picture(ms, scrubbing=scrubbing)
        self.moved.emit(ms)
        if self.playing and not scrubbing:
            self._begin_sound()
            self._await_start()

    def seek_by(self, ms: int) -> None:
        """Go so many milliseconds further, or back."""
        self.seek(self.position_ms + ms)

    def step(self, pictures: int) -> None:
        """Go one picture further (1) or back (-1), and stay there."""
        self.pause()
        if self._handle is None or not self.has_video:
            return
        forward = pictures > 0
        if forward and self._queue:
            self._show(self._queue.popleft())
        elif forward and self._awaiting:
            self._steps_due += 1
        elif not forward:
            self._ask_picture(self._shown_ms, before=True)
        elif not self._pictures_ended:
            self._steps_due += 1

    def set_rate(self, rate: float) -> None:
        """Play faster or slower, the pitch kept."""
        self.rate = rate
        if self.playing:
            self.clock.stop()
            self._end_sound()
            self._begin_sound()
            self._await_start()

    def set_loop(self, loop: Loop | None) -> None:
        """Play a stretch again and again; None plays on."""
        self.loop = loop
        if loop is not None and not loop.start_ms <= self.position_ms < loop.end_ms:
            self.seek(loop.start_ms)

    def fit(self, width: int, height: int) -> None:
        """Have pictures in so many device pixels."""
        if self._handle is None or not self.has_video:
            return
        self._handle.fit(width, height)
        if not self.playing and not self._awaiting:
            self._ask_picture(self._shown_ms)

    def glance(self, ms: int, width: int) -> None:
        """Ask for a small picture near a moment; `told` brings it."""
        if self._handle is not None and self.has_video:
            self._handle.glance(ms, width)

    def still(self) -> None:
        """Ask for the picture in sight in full size; `told` brings it."""
        if self._handle is not None and self.has_video:
            self._handle.still(self._shown_ms)

    # Pictures

    def _ask_picture(self, ms: int, before: bool = False, scrubbing: bool = False) -> None:
        if self._handle is None or not self.has_video:
            return
        self._drop_queue()
        self._awaiting, self._pictures_ended, self._steps_due = True, False, 0
        self._slow.start()
        self._adopts_time = before
        self.shown_frame_us = None
        self._pictures_of = self._handle.show(ms, before, scrubbing)

    def _set_waiting(self, waiting: bool) -> None:
        if not waiting:
            self._slow.stop()
        if waiting != self._waiting:
            self._waiting = waiting
            self.waiting_changed.emit(waiting)

    def _drop_queue(self) -> None:
        while self._queue:
            self._free(self._queue.popleft())

    def _free(self, picture: MediaEvent) -> None:
        if self._handle is not None:
            self._handle.free(picture, self.position_ms if self.clock.running else None)

    def _on_picture(self, picture: MediaEvent) -> None:
        if picture.serial != self._pictures_of:
            self._free(picture)
        elif not picture.facts["exact"]:
            self._paint(picture)
        elif self._awaiting:
            self._awaiting = False
            self._set_waiting(False)
            self._show(picture, adopt_time=self._adopts_time)
            self._start_when_ready()
        elif self._steps_due:
            self._steps_due -= 1
            self._show(picture)
        else:
            self._queue.append(picture)

    def _show(self, picture: MediaEvent, adopt_time: bool = True) -> None:
        self._shown_ms, self.shown_frame_us = picture.ms, picture.facts.get("frame_us")
        if adopt_time and not self.clock.running:
            self.clock.set(picture.ms)
            self.moved.emit(picture.ms)
        self._paint(picture)

    def _paint(self, picture: MediaEvent) -> None:
        self.pictured.emit(image_of(picture))
        self._free(picture)

    def _show_due(self, now: float) -> None:
        due: MediaEvent | None = None
        while self._queue and self._queue[0].ms <= now:
            if due is not None:
                self._free(due)
            due = self._queue.popleft()
        if due is not None:
            self._show(due)

    # Sound

    def _begin_sound(self) -> None:
        self._sound_ended = False
        if self._handle is None or not (self.has_audio and self.sound.available):
            return
        self.sound.begin()
        self._sound_from = self.clock.read()
        self._sound_of = self._handle.listen(self.position_ms, self.rate, self.sound.sample_rate)

    def _end_sound(self) -> None:
        if self.sound.running:
            self.sound.end()
            self._sound_of = -1
            if self._handle is not None:
                self._handle.hush()

    def _pump(self) -> None:
        if self._handle is not None and (taken := self.sound.pump()):
            self._handle.heard(taken)

    # Time

    def _await_start(self) -> None:
        self._patience.start()
        self._start_when_ready()

    def _start_when_ready(self) -> None:
        if not self.playing or self.clock.running or self._awaiting:
            return
        silent = not self.sound.running or self._sound_ended
        if silent or self.sound.pending_seconds >= _FIRST_SOUND_SECONDS:
            self._start_clock()

    def _start_clock(self) -> None:
        self._patience.stop()
        if self.playing and not self.clock.running:
            self.sound.start()
            self._pump()
            self.clock.start(self.rate)
            self._tick.start(0)

    def _on_tick(self) -> None:
        if not self.clock.running:
            return
        self._pump()
        if self._sound_leads():
            self.clock.follow(self._sound_from + self.sound.heard_seconds * 1000 * self.rate)
        now = self.clock.read()
        if self.loop is not None and now >= self.loop.end_ms:
            self.seek(self.loop.start_ms)
            return
        self._show_due(now)
        if self._until is not None and now >= self._until:
            self._end_span(self._until)
            return
        self.moved.emit(self.position_ms)
        if self._at_end(now):
            self._finish()
            return
        self._tick.start(self._until_next(now))

    def _end_span(self, until_ms: int) -> None:
        self.pause()
        self.clock.set(until_ms)
        self.moved.emit(self.position_ms)
        self.span_played.emit()

    def _sound_leads(self) -> bool:
        return (
            self.sound.running
            and not (self._sound_ended and self.sound.drained)
            and self.sound.heard_seconds > 0
        )

    def _until_next(self, now: float) -> int:
        if not self._queue:
            return _IDLE_TICK_MS if self.has_video else _LONGEST_TICK_MS
        return max(1, min(_LONGEST_TICK_MS, round((self._queue[0].ms - now) / self.rate)))

    def _last_ms(self) -> int:
        return max(0, self.duration_ms - 1)

    def _at_end(self, now: float) -> bool:
        pictures_done = not self.has_video or (self._pictures_ended and not self._queue)
        sound_done = not self.sound.running or (self._sound_ended and self.sound.drained)
        return now >= self.duration_ms or (self.has_video and pictures_done and sound_done)

    def _finish(self) -> None:
        if self.loop is not None:
            self.seek(self.loop.start_ms)
            return
        self.pause()
        self.clock.set(self.duration_ms)
        self.moved.emit(self.position_ms)

    # What the worker tells

    def _on_event(self, arrived: tuple[MediaHandle, MediaEvent]) -> None:
        handle, event = arrived
        if handle is not self._handle:
            # Of the recording shown before.
            return
        if event.name == "picture":
            self._on_picture(event)
        elif event.name == "pictures_end":
            self._on_pictures_end(event)
        elif event.name in ("sound", "sound_end"):
            self._on_sound(event)
        elif event.name == "gone":
            self._on_gone(event)
        else:
            self.told.emit(event)

    def _on_pictures_end(self, event: MediaEvent) -> None:
        if event.serial == self._pictures_of:
            self._pictures_ended, self._awaiting = True, False
            self._set_waiting(False)
            self._start_when_ready()

    def _on_sound(self, event: MediaEvent) -> None:
        if event.serial != self._sound_of:
            return
        if event.name == "sound_end":
            self._sound_ended = True
        else:
            self.sound.feed(bytes(event.data))
        self._start_when_ready()

    def _on_gone(self, event: MediaEvent) -> None:
        here = self.position_ms
        self._queue.clear()
        self._set_waiting(False)
        self.pause()
        self.clock.set(here)
        self.lost.emit(str(event.facts["sentence"]))

    def _on_restarted(self) -> None:
        self.seek(self.position_ms)
        self.play()

    def _on_watch(self) -> None:
        if self._handle is not None:
            self._handle.end_if_overdue()
