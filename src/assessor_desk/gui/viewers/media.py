"""Sound and video: played, stepped through, and anchored at a moment or over a span."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from assessor_desk.domain.anchor import Selector, TimeSpan, clock
from assessor_desk.gui.viewers.hover_card import HoverCard
from assessor_desk.gui.viewers.media_controls import MediaControls
from assessor_desk.gui.viewers.picture_view import PictureView
from assessor_desk.gui.viewers.playback import Loop, MediaEvent, MediaHandle, Playback, image_of
from assessor_desk.gui.viewers.timeline import Timeline
from assessor_desk.gui.viewers.viewer import Evidence, Mark, Tasks, Viewer

PRE_ROLL_MS = 5_000
"""An anchored span is played from this long before it: what led to it belongs to the evidence."""

_JUMP_MS, _SMALL_JUMP_MS = 5_000, 1_000
_GLANCE_WIDTH = 160
_SHORTEST_MS = 100


class Cue(Protocol):
    """Words of a caption."""

    @property
    def start_ms(self) -> int: ...
    @property
    def end_ms(self) -> int: ...
    @property
    def text(self) -> str: ...


class MediaViewer(Viewer):
    """Picture, captions, waveform with the anchors, controls. All keys work wherever the focus is in it."""

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(tasks, parent)
        self.playback = Playback(self._restart, self)
        self._marks: tuple[Mark, ...] = ()
        self._marks_visible = True
        self._captions_on = True
        self._cues: Sequence[Cue] = ()
        self._captions_text = ""
        self._starts: list[int] = []
        self._wanted: Selector | None = None
        self._shown = ""
        self._left_at: dict[str, int] = {}
        self._in_ms: int | None = None
        self._span: TimeSpan | None = None
        self._loop_from: int | None = None
        self._was_playing = False
        self._full_screen: _FullScreen | None = None
        self._build()
        self._connect()
        self.set_keys()
        self.clear()

    def _build(self) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._body = QWidget(self)
        self.picture = PictureView(self._body)
        self.timeline = Timeline(self._body)
        self.controls = MediaControls(self._body)
        self._card = HoverCard(self._body)
        column = QVBoxLayout(self._body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.picture, 1)
        self.words = QLabel(self._body)
        self.words.setObjectName("paneTitle")
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setMinimumHeight(64)
        column.addWidget(self.words, 1)
        column.addWidget(self.timeline)
        column.addWidget(self.controls)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._body)

    def _connect(self) -> None:
        playback, controls, timeline = self.playback, self.controls, self.timeline
        playback.pictured.connect(self.picture.show_picture)
        playback.moved.connect(self._on_moved)
        playback.playing_changed.connect(controls.show_playing)
        playback.told.connect(self._on_told)
        playback.lost.connect(self.trouble)
        self.picture.room_changed.connect(self._on_room_changed)
        self.picture.clicked.connect(self.toggle_play)
        self.picture.double_clicked.connect(self.toggle_full_screen)
        timeline.sought.connect(self._on_sought)
        timeline.span_chosen.connect(self._choose_span)
        timeline.mark_clicked.connect(self.anchor_activated)
        timeline.hovered.connect(self._on_hovered)
        controls.play_wanted.connect(self.toggle_play)
        controls.step_wanted.connect(playback.step)
        controls.jump_wanted.connect(playback.seek_by)
        controls.ends_wanted.connect(self._go_to_an_end)
        controls.rate_wanted.connect(self.set_rate)
        controls.volume_wanted.connect(playback.sound.set_volume)
        controls.mute_wanted.connect(self.toggle_mute)
        controls.captions_wanted.connect(self.set_captions_on)
        controls.loop_wanted.connect(self.cycle_loop)
        controls.anchor_wanted.connect(self.offer_current_selector)
        controls.marks_wanted.connect(self.set_marks_visible)
        controls.full_screen_wanted.connect(self.toggle_full_screen)
        controls.time.time_entered.connect(playback.seek)
        controls.time.closed.connect(self.setFocus)

    # Viewer

    def show_artifact(self, evidence: Evidence) -> None:
        """Show a recording where it was left, at first its first picture, ready to play."""
        self.open_in_background(_Recording(evidence), self._on_opened)
        self._shown = evidence.artifact.sha256
        self.in_background(evidence.captions, self._on_captions)

    def show_marks(self, marks: Sequence[Mark]) -> None:
        """Show anchors of a time on the timeline."""
        self._marks = tuple(marks)
        self.timeline.set_marks(self._marks, self._marks_visible)

    def reveal(self, selector: Selector) -> None:
        """Play the anchored moment or span, from a little before it."""
        if not self.playback.opened:
            self._wanted = selector
        elif isinstance(selector, TimeSpan):
            self._forget_loop()
            self.playback.seek(max(0, selector.start_ms - PRE_ROLL_MS))
            self.playback.play()

    def current_selector(self) -> Selector | None:
        """The span chosen, else this moment."""
        if not self.playback.opened:
            return None
        if self._span is not None:
            return self._span
        here = self.playback.position_ms
        if self._in_ms is not None and here - self._in_ms >= _SHORTEST_MS:
            return TimeSpan(self._in_ms, here)
        return TimeSpan(here)

    def offer_current_selector(self) -> None:
        """Offer the span or moment; the span is used up by that."""
        super().offer_current_selector()
        self._choose_span(None)

    def set_marks_visible(self, visible: bool) -> None:
        """Show or hide the anchors on the timeline."""
        self._marks_visible = visible
        self.timeline.set_marks(self._marks, visible)
        self.controls.show_marks(visible)

    def clear(self) -> None:
        """Stop, and let go of the recording; where it was left is remembered while the window lives."""
        self.leave_full_screen()
        if self.playback.opened and self._shown:
            self._left_at[self._shown] = self.playback.position_ms
        self._shown = ""
        self.playback.close()
        super().clear()
        self._marks, self._cues, self._starts = (), (), []
        self._wanted, self._loop_from, self._captions_text = None, None, ""
        self._choose_span(None)
        self.timeline.forget()
        self.picture.set_shape(16, 9)
        self.picture.show_caption("")
        self.words.hide()
        self._card.hide()
        self._body.setEnabled(False)

    # What the person does

    def toggle_play(self) -> None:
        """Play, or pause."""
        self.playback.toggle()

    def set_rate(self, rate: float) -> None:
        """Play at a speed of `playback.RATES`."""
        self.playback.set_rate(rate)
        self.controls.show_rate(rate)

    def toggle_mute(self) -> None:
        """Let nothing be heard, or let it be heard again."""
        self.playback.sound.set_muted(not self.playback.sound.muted)
        self._show_sound()

    def set_captions_on(self, on: bool) -> None:
        """Show captions where there are any, or do not."""
        self._captions_on = on
        self._show_captions()

    def set_in(self) -> None:
        """Begin a span here."""
        self._in_ms = self.playback.position_ms
        self._span = None
        self.timeline.set_span(TimeSpan(self._in_ms))
        self.controls.show_span(chosen=True)

    def set_out(self) -> None:
        """End the span here; it begins where `set_in` was, else five seconds ago."""
        end = self.playback.position_ms
        start = self._in_ms if self._in_ms is not None else max(0, end - _JUMP_MS)
        if end - start >= _SHORTEST_MS:
            self._choose_span(TimeSpan(start, end))

    def set_loop_start(self) -> None:
        """Point A is here."""
        self._loop_from = self.playback.position_ms
        self.playback.set_loop(None)
        self._show_loop()

    def set_loop_end(self) -> None:
        """Point B is here: repeat from A (else from the start) to it."""
        start, end = self._loop_from or 0, self.playback.position_ms
        if end - start >= _SHORTEST_MS:
            self._loop_from = start
            self.playback.set_loop(Loop(start, end))
        self._show_loop()

    def cycle_loop(self) -> None:
        """What the A–B button does: set A, then B, then neither."""
        if self._loop_from is None:
            self.set_loop_start()
        elif self.playback.loop is None and self.playback.position_ms - self._loop_from >= _SHORTEST_MS:
            self.set_loop_end()
        else:
            self._forget_loop()

    def toggle_full_screen(self) -> None:
        """Fill the screen, or come back."""
        if self._full_screen is not None:
            self.leave_full_screen()
        elif self.playback.opened:
            self._full_screen = _FullScreen(self._body, self)
            self._full_screen.showFullScreen()

    def leave_full_screen(self) -> None:
        """Come back into the window."""
        screen, self._full_screen = self._full_screen, None
        if screen is not None:
            self._column.addWidget(self._body)
            screen.hide()
            screen.deleteLater()
            self.setFocus()

    def ask_time(self) -> None:
        """Let a time be entered to go to."""
        self.controls.time.ask()

    keys_as_shortcuts = False

    @property
    def stage(self) -> QWidget:
        """Where the evidence itself is."""
        return self.picture if self.playback.has_video else self.words

    def acts(self) -> Mapping[str, Callable[[], object]]:
        """What can be done with a recording."""
        playback = self.playback
        return {
            "play": self.toggle_play,
            "seek_back": lambda: playback.seek_by(-_JUMP_MS),
            "seek_forward": lambda: playback.seek_by(_JUMP_MS),
            "seek_back_little": lambda: playback.seek_by(-_SMALL_JUMP_MS),
            "seek_forward_little": lambda: playback.seek_by(_SMALL_JUMP_MS),
            "step_back": lambda: playback.step(-1),
            "step_forward": lambda: playback.step(1),
            "to_start": lambda: self._go_to_an_end(False),
            "to_end": lambda: self._go_to_an_end(True),
            "mute": self.toggle_mute,
            "captions": lambda: self.set_captions_on(not self._captions_on),
            "loop_start": self.set_loop_start,
            "loop_end": self.set_loop_end,
            "span_start": self.set_in,
            "span_end": self.set_out,
            "anchor": self.offer_current_selector,
            "marks": lambda: self.set_marks_visible(not self._marks_visible),
            "screen": self.toggle_full_screen,
            "go_to_time": self.ask_time,
        }

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """All of the viewer's keys; others go on to the window."""
        act = self._leaving() if event.key() == Qt.Key.Key_Escape else self.act_for(event)
        if act is None or not self.playback.opened:
            super().keyPressEvent(event)
        else:
            act()

    def _leaving(self) -> Callable[[], object] | None:
        """What Escape leaves."""
        if self._full_screen is not None:
            return self.leave_full_screen
        if self._span is not None or self._in_ms is not None:
            return lambda: self._choose_span(None)
        return None

    # What happens

    def _on_opened(self, handle: MediaHandle) -> None:
        self._body.setEnabled(True)
        playback, facts = self.playback, handle.facts
        playback.open(handle)
        self.picture.setVisible(playback.has_video)
        self.words.setVisible(not playback.has_video)
        self.timeline.set_large(not playback.has_video)
        if playback.has_video:
            self.picture.set_shape(facts["width"], facts["height"])
            self._on_room_changed(self.picture.room())
        self.timeline.set_duration(playback.duration_ms)
        self.controls.show_pictures(playback.has_video)
        self.controls.show_playing(False)
        self.timeline.set_marks(self._marks, self._marks_visible)
        self._on_moved(0)
        self._show_sound()
        self._show_captions()
        self._show_loop()
        if self._captions_text:
            # They came before the recording was open.
            self._on_captions(self._captions_text)
        if self._wanted is None and (left_at := self._left_at.get(self._shown)):
            playback.seek(left_at)
        if self._wanted is not None:
            wanted, self._wanted = self._wanted, None
            self.reveal(wanted)

    def _on_captions(self, text: str | None) -> None:
        self._captions_text = text or ""
        if self._handle is not None and text:
            self._set_cues(self._handle.captions(text))

    def _set_cues(self, cues: Sequence[Cue]) -> None:
        self._cues = cues
        self._starts = [cue.start_ms for cue in cues]
        self._show_captions()

    def _show_captions(self) -> None:
        self.controls.show_captions(bool(self._cues), self._captions_on)
        self._on_moved(self.playback.position_ms)

    def caption_at(self, ms: int) -> str:
        """The words shown at a moment."""
        before = bisect_right(self._starts, ms)
        return "\n".join(cue.text for cue in self._cues[max(0, before - 8) : before] if ms < cue.end_ms)

    def _on_moved(self, ms: int) -> None:
        duration = self.playback.duration_ms
        self.timeline.set_position(ms)
        self.timeline.setAccessibleName(f"Timeline, {clock(ms)} of {clock(duration)}")
        self.controls.time.show_time(ms, duration)
        caption = self.caption_at(ms) if self._captions_on else ""
        self.picture.show_caption(caption)
        self.words.setText(caption)
        if self._in_ms is not None and self._span is None:
            self.timeline.set_span(TimeSpan(self._in_ms, ms) if ms > self._in_ms else TimeSpan(self._in_ms))

    def _on_told(self, event: MediaEvent) -> None:
        facts = event.facts
        if event.name == "peaks":
            self.timeline.add_peaks(facts["first"], event.data, facts["per_second"])
        elif event.name == "glance":
            self._card.show_picture(event.ms, image_of(event))
        elif event.name == "cues" and not self._cues:
            self._set_cues([_Words(*cue) for cue in facts["cues"]])
        elif event.name == "short":
            self.trouble.emit(
                f"“{self._handle.name}” is incomplete: it ends at {clock(event.ms)} of "
                f"{clock(self.playback.duration_ms)}. Ask for another copy, or assess what is there."
            )

    def _on_room_changed(self, room: QSize) -> None:
        self.playback.fit(room.width(), room.height())

    def _on_sought(self, ms: int, dragging: bool) -> None:
        if dragging and self.playback.playing:
            self._was_playing = True
            self.playback.pause()
        self.playback.seek(ms, scrubbing=dragging)
        if not dragging and self._was_playing:
            self._was_playing = False
            self.playback.play()

    def _on_hovered(self, ms: int, x: int) -> None:
        if ms < 0 or not self.playback.opened:
            self._card.hide()
            return
        self._card.show_time(ms, self.playback.has_video)
        top = self.timeline.mapTo(self._body, QPoint(x, 0))
        self._card.stand_above(top)
        self.playback.glance(ms, round(_GLANCE_WIDTH * self.devicePixelRatioF()))

    def _choose_span(self, span: TimeSpan | None) -> None:
        self._span, self._in_ms = span, None
        self.timeline.set_span(span)
        self.controls.show_span(chosen=span is not None)

    def _go_to_an_end(self, last: bool) -> None:
        self.playback.seek(self.playback.duration_ms - 1 if last else 0)

    def _forget_loop(self) -> None:
        self._loop_from = None
        self.playback.set_loop(None)
        self._show_loop()

    def _show_loop(self) -> None:
        loop = self.playback.loop
        self.timeline.set_loop(self._loop_from, loop.end_ms if loop else None)
        self.controls.show_loop(self._loop_from is not None)

    def _show_sound(self) -> None:
        sound = self.playback.sound
        self.controls.show_sound(sound.available, self.playback.has_audio, sound.muted)

    def _restart(self, reopen: Callable[[], None], done: Callable[[], None]) -> None:
        self.in_background(reopen, lambda _: done())


class _Recording:
    """Evidence that `open` plays."""

    def __init__(self, evidence: Evidence) -> None:
        self.artifact = evidence.artifact
        self.captions = evidence.captions
        self.open: Callable[[], MediaHandle] = cast("Any", evidence).open_media


@dataclass(frozen=True, slots=True)
class _Words:
    """A caption that came with the recording itself."""

    start_ms: int
    end_ms: int
    text: str


class _FullScreen(QWidget):
    """The viewer's body on a screen of its own; keys go to the viewer as ever."""

    def __init__(self, body: QWidget, viewer: MediaViewer) -> None:
        super().__init__(viewer.window(), Qt.WindowType.Window)
        self._viewer = viewer
        self.setWindowTitle(viewer.window().windowTitle())
        self.setObjectName("stage")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(body)
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """As in the window."""
        self._viewer.keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing comes back into the window."""
        event.ignore()
        self._viewer.leave_full_screen()
