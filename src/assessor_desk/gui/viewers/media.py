"""Sound and video: played, stepped through, read along, and anchored at a moment or over a span."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from assessor_desk.domain.anchor import Selector, TimeSpan, clock
from assessor_desk.domain.errors import DeskError
from assessor_desk.domain.renditions import Shown
from assessor_desk.gui.actions import default_keys
from assessor_desk.gui.recording_preferences import RecordingPreferences
from assessor_desk.gui.viewers.anchor_holding import AnchorHolding
from assessor_desk.gui.viewers.anchor_playing import AnchorPlaying
from assessor_desk.gui.viewers.caption_track import Words
from assessor_desk.gui.viewers.media_body import MediaBody
from assessor_desk.gui.viewers.own_window import Whereabouts
from assessor_desk.gui.viewers.playback import Playback
from assessor_desk.gui.viewers.playing_manner import PlayingManner
from assessor_desk.gui.viewers.recording_handle import MediaEvent, MediaHandle, PlayableEvidence, image_of
from assessor_desk.gui.viewers.recording_menu import add_acts, add_screens
from assessor_desk.gui.viewers.sayings import Sayings
from assessor_desk.gui.viewers.stretches import Stretches
from assessor_desk.gui.viewers.viewer import Evidence, Mark, Tasks, Viewer

if TYPE_CHECKING:
    from assessor_desk.gui.original import Standing
    from assessor_desk.settings import Settings

_JUMP_MS, _SMALL_JUMP_MS = 5_000, 1_000
_RESUME_BACK_MS = 2_000
_GLANCE_WIDTH = 160
_OPENING_MS = 250  # opening that takes longer is said


class MediaViewer(Viewer):
    """Picture, captions, transcript, waveform with the anchors, controls. All keys work wherever the focus is in it."""

    keys_as_shortcuts = False

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(tasks, parent)
        self.preferences = RecordingPreferences()
        self.playback = Playback(self._restart, self)
        self.body = MediaBody(self)
        self.picture, self.words = self.body.picture, self.body.words
        self.timeline, self.controls = self.body.timeline, self.body.controls
        self.whereabouts = Whereabouts(self, self.body)
        self.stretches = Stretches(self.playback, self.timeline, self)
        self.holding = AnchorHolding(self.playback, self.timeline, self.key_in_words, self)
        self.anchor_playing = AnchorPlaying(self.playback, self.timeline, self)
        self.manner = PlayingManner(self.playback, self.controls, self)
        self.sayings = Sayings(self.body, lambda: self.playback.position_ms, self)
        self._marks: tuple[Mark, ...] = ()
        self._marks_visible = True
        self._captions_text, self._captions_name = "", ""
        self._wanted: Selector | None = None
        self._shown, self._name = "", ""
        self._left_at: dict[str, int] = {}
        self._was_playing = self._told_silent = False
        self._keys_of: Callable[[str], tuple[str, ...]] = default_keys
        self._opening = QTimer(self)
        self._opening.setSingleShot(True)
        self._opening.setInterval(_OPENING_MS)
        self._opening.timeout.connect(self._say_opening)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._connect()
        self.set_keys()
        self.clear()

    def _connect(self) -> None:
        playback, controls, timeline, body = self.playback, self.controls, self.timeline, self.body
        playback.pictured.connect(self.picture.show_picture)
        playback.moved.connect(self._on_moved)
        playback.playing_changed.connect(self._on_playing_changed)
        playback.told.connect(self._on_told)
        playback.lost.connect(self._on_lost)
        playback.waiting_changed.connect(
            lambda waiting: self.picture.show_words("Loading the picture…" if waiting else "")
        )
        self.picture.room_changed.connect(self._on_room_changed)
        self.picture.clicked.connect(self.toggle_play)
        self.picture.double_clicked.connect(self.toggle_full_screen)
        timeline.sought.connect(self._on_sought)
        timeline.mark_clicked.connect(self.anchor_activated)
        timeline.hovered.connect(self._on_hovered)
        controls.play_wanted.connect(self.toggle_play)
        controls.step_wanted.connect(playback.step)
        controls.jump_wanted.connect(playback.seek_by)
        controls.ends_wanted.connect(self._go_to_an_end)
        controls.loop_wanted.connect(self.stretches.cycle_loop)
        controls.anchor_wanted.connect(self.offer_current_selector)
        controls.marks_wanted.connect(self.set_marks_visible)
        controls.full_screen_wanted.connect(self.toggle_full_screen)
        controls.still_wanted.connect(self.keep_still)
        controls.more_wanted.connect(self._fill_menu)
        controls.time.time_entered.connect(playback.seek)
        controls.time.refused.connect(body.status.tell)
        controls.time.closed.connect(self._take_focus)
        body.play_wanted.connect(playback.play)
        body.transcript.sought.connect(playback.seek)
        body.transcript.left.connect(self._take_focus)
        body.transcript.words_selected.connect(lambda _: self._show_anchoring())
        self.stretches.span_changed.connect(self._show_anchoring)
        self.stretches.loop_changed.connect(lambda: controls.show_loop(self.stretches.looping))
        self.holding.moved.connect(self.anchor_moved)
        self.holding.said.connect(body.status.say)
        body.status.pass_on_to(self)
        self.anchor_playing.said.connect(body.status.say)
        self.manner.said.connect(body.status.tell)
        self.whereabouts.changed.connect(self._keep_place)

    # Viewer

    def show_artifact(self, evidence: Evidence) -> None:
        """Show a recording where it was left, at first its first picture, ready to play."""
        recording = PlayableEvidence(evidence)
        self.open_in_background(recording, self._on_opened)
        self._captions_name = recording.captions_name
        self._shown, self._name = evidence.artifact.sha256, evidence.artifact.name
        self.seen = getattr(evidence, "shown", Shown.ORIGINAL)
        words = getattr(evidence, "rendition_words", "") or "The original"
        self.body.status.show_copy(words)
        self._opening.start()
        self.whereabouts.wake()
        self.in_background(evidence.captions, self._on_captions)

    def show_marks(self, marks: Sequence[Mark]) -> None:
        """Show anchors of a time on the timeline."""
        self._marks = tuple(marks)
        self.timeline.set_marks(self._marks, self._marks_visible)
        self.holding.heed_marks()

    def reveal(self, selector: Selector) -> None:
        """Play the anchored moment or span, from a little before it; a still is shown."""
        if not self.playback.opened:
            self._wanted = selector
        elif isinstance(selector, TimeSpan):
            self.holding.let_go()
            self.stretches.forget_loop()
            self.anchor_playing.play(selector)

    def current_selector(self) -> Selector | None:
        """The words selected in the transcript, else the span chosen, else this moment."""
        if not self.playback.opened:
            return None
        if quoted := self.body.transcript.selection():
            return quoted[0]
        here = self.playback.position_ms
        return self.stretches.span_to(here) or TimeSpan(here, frame_us=self.playback.shown_frame_us)

    def offer_current_selector(self) -> None:
        """Offer words with their time, a span or a moment; what was chosen is used up by that."""
        if not self.playback.opened:
            return
        if quoted := self.body.transcript.selection():
            self.noted_selector_offered.emit(*quoted)
            self.body.transcript.text.select_nothing()
            return
        super().offer_current_selector()
        self.stretches.choose_span(None)

    def keep_still(self) -> None:
        """Offer the picture in sight as a still for the report: an anchor, not a file."""
        if not (self.playback.opened and self.playback.has_video):
            return
        if not self.moving_allowed:
            self.body.status.tell("No still can be kept: this review is read only.")
            return
        self.playback.pause()
        here = self.playback.position_ms
        self.selector_offered.emit(TimeSpan(here, frame_us=self.playback.shown_frame_us, still=True))
        self.body.status.tell(f"The picture at {clock(here)} is kept as a still, an anchor with its picture.")

    def set_marks_visible(self, visible: bool) -> None:
        """Show or hide the anchors on the timeline."""
        self._marks_visible = visible
        self.timeline.set_marks(self._marks, visible)
        self.controls.show_marks(visible)

    def allow_moving(self, allowed: bool) -> None:
        """Whether anchors may be moved on the timeline."""
        super().allow_moving(allowed)
        self.timeline.movable = allowed

    def show_original(self, original: Standing) -> None:
        """Say of a small copy how far the original is."""
        if self.seen is Shown.SMALL and self._shown:
            self.body.status.show_original(original)

    def remember_in(self, settings: Settings) -> None:
        """Play as it was played last."""
        super().remember_in(settings)
        self.preferences = RecordingPreferences(settings)
        for part in (self.manner, self.sayings, self.anchor_playing):
            part.prefer(self.preferences)
        self.whereabouts.prefer(self.preferences.own_window)

    def clear(self) -> None:
        """Stop, and let go of the recording; where it was left is remembered while the window lives."""
        if self.playback.opened and self._shown:
            self._left_at[self._shown] = self.playback.position_ms
        self._shown = ""
        self.whereabouts.rest()
        self._opening.stop()
        self.holding.forget()
        self.playback.close()
        super().clear()
        self.manner.keep()
        self._marks, self._captions_text, self._wanted = (), "", None
        self.anchor_playing.forget()
        self.stretches.forget()
        self.timeline.forget()
        self.sayings.forget()
        self.body.status.clear()
        self.body.show_gone("")
        self.body.show_hover(-1, 0, False)
        self.picture.set_shape(16, 9)
        self.picture.show_words("")
        self.words.hide()
        self.body.setEnabled(False)

    # What the person does

    def toggle_play(self) -> None:
        """Play, or pause."""
        self.playback.toggle()

    def pause_to_write(self) -> bool:
        """Pause because somebody began to write, where they want that; whether it was playing, and paused."""
        if not (self.playback.playing and self.preferences.pauses_for_writing):
            return False
        self.playback.pause()
        self.body.status.say(f"Paused while you write. {self.key_in_words('resume')} goes on.")
        return True

    def resume(self) -> None:
        """Go on from a little before."""
        if self.playback.opened:
            self.playback.seek(self.playback.position_ms - _RESUME_BACK_MS)
            self.playback.play()
            self.body.status.say("")

    def set_rate(self, rate: float) -> None:
        """Play at a speed of `playback.RATES`."""
        self.manner.set_rate(rate)

    def toggle_full_screen(self) -> None:
        """Fill the screen, or come back."""
        if self.whereabouts.window is not None or self.playback.opened:
            self.whereabouts.toggle_full()

    def toggle_own_window(self) -> None:
        """Have a window of its own, on another screen where there is one, or come back."""
        if self.whereabouts.window is not None or self.playback.opened:
            self.whereabouts.toggle_own()

    def ask_time(self) -> None:
        """Let a time be entered to go to."""
        self.controls.time.ask()

    def caption_at(self, ms: int) -> str:
        """The words shown at a moment."""
        return self.sayings.track.at(ms)

    @property
    def stage(self) -> QWidget:
        """Where the evidence itself is, in the workbench's window."""
        whole = self.whereabouts.window is not None or not self._why_not.isHidden()
        return self if whole else self.body.stage

    # Keys

    def acts(self) -> Mapping[str, Callable[[], object]]:
        """What can be done with a recording."""
        return {**self._acts_of_playing(), **self._acts_of_anchors(), **self._acts_of_looking()}

    def _acts_of_playing(self) -> Mapping[str, Callable[[], object]]:
        playback, manner, stretches = self.playback, self.manner, self.stretches
        return {
            "play": self.toggle_play,
            "resume": self.resume,
            "seek_back": lambda: playback.seek_by(-_JUMP_MS),
            "seek_forward": lambda: playback.seek_by(_JUMP_MS),
            "seek_back_little": lambda: playback.seek_by(-_SMALL_JUMP_MS),
            "seek_forward_little": lambda: playback.seek_by(_SMALL_JUMP_MS),
            "step_back": lambda: playback.step(-1),
            "step_forward": lambda: playback.step(1),
            "to_start": lambda: self._go_to_an_end(False),
            "to_end": lambda: self._go_to_an_end(True),
            "go_to_time": self.ask_time,
            "slower": lambda: manner.step_rate(-1),
            "faster": lambda: manner.step_rate(1),
            "normal_speed": lambda: manner.set_rate(1.0),
            "mute": manner.toggle_mute,
            "louder": lambda: manner.louder(1),
            "quieter": lambda: manner.louder(-1),
            "loop_start": stretches.set_loop_start,
            "loop_end": stretches.set_loop_end,
        }

    def _acts_of_anchors(self) -> Mapping[str, Callable[[], object]]:
        return {
            "span_start": self.stretches.set_in,
            "span_end": self.stretches.set_out,
            "anchor": self.offer_current_selector,
            "still": self.keep_still,
            "marks": lambda: self.set_marks_visible(not self._marks_visible),
            "next_mark": lambda: self.holding.step(1),
            "previous_mark": lambda: self.holding.step(-1),
            "play_mark": self._play_chosen,
            "hold_mark": self.holding.hold,
        }

    def _acts_of_looking(self) -> Mapping[str, Callable[[], object]]:
        return {
            "captions": lambda: self.sayings.set_on(not self.sayings.on),
            "transcript": self.sayings.toggle_transcript,
            "find": self.sayings.find,
            "find_next": lambda: self.body.transcript.step(1),
            "find_previous": lambda: self.body.transcript.step(-1),
            "zoom_in": lambda: self.timeline.zoom(2),
            "zoom_out": lambda: self.timeline.zoom(-2),
            "fit": self.timeline.show_all,
            "screen": self.toggle_full_screen,
            "own_window": self.toggle_own_window,
        }

    def set_keys(self, keys_of: Callable[[str], tuple[str, ...]] = default_keys) -> None:
        """Put keys in force, and tell them."""
        self._keys_of = keys_of
        super().set_keys(keys_of)

    def key_in_words(self, act: str) -> str:
        """The first key of an act as this system writes it."""
        first = QKeySequence(next(iter(self._keys_of(act)), ""))
        return first.toString(QKeySequence.SequenceFormat.NativeText)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """All of the viewer's keys; others go on to the window."""
        act = self._leaving() if event.key() == Qt.Key.Key_Escape else self.act_for(event)
        if act is None or not self.playback.opened:
            super().keyPressEvent(event)
        else:
            act()

    def _leaving(self) -> Callable[[], object] | None:
        """What Escape leaves."""
        window = self.whereabouts.window
        if self.holding.held is not None:
            return self.holding.put_back
        if window is not None and window.full:
            return self.whereabouts.toggle_full
        if self.stretches.begun:
            return lambda: self.stretches.choose_span(None)
        return self.holding.choose_nothing if self.holding.chosen is not None else None

    def _fill_menu(self, menu: QMenu) -> None:
        """All that has no button of its own, with its keys."""
        add_acts(menu, self.acts(), self.key_in_words, self._possible)
        if self.whereabouts.window is not None:
            add_screens(menu, self.whereabouts.window)

    def _possible(self, act: str) -> bool:
        if act in ("captions", "transcript", "find"):
            return bool(self.sayings.track)
        if act in ("previous_mark", "next_mark", "play_mark", "hold_mark"):
            return bool(self.timeline.marks)
        return act not in ("still", "step_back", "step_forward") or self.playback.has_video

    # What happens

    def _on_opened(self, handle: MediaHandle) -> None:
        self._opening.stop()
        self.picture.show_words("")
        self.body.setEnabled(True)
        playback, facts = self.playback, handle.facts
        playback.open(handle)
        self.body.show_pictures(playback.has_video)
        if playback.has_video:
            self.picture.set_shape(facts["width"], facts["height"])
            self._on_room_changed(self.picture.room())
        self.timeline.set_duration(playback.duration_ms)
        self.controls.show_playing(False)
        self.timeline.set_marks(self._marks, self._marks_visible)
        self._on_moved(0)
        self.manner.show()
        self._say_silent()
        if self._captions_text:
            # They came before the recording was open.
            self._on_captions(self._captions_text)
        if self._wanted is None and (left_at := self._left_at.get(self._shown)):
            playback.seek(left_at)
        if self._wanted is not None:
            wanted, self._wanted = self._wanted, None
            self.reveal(wanted)

    def _say_why_not(self, error: DeskError) -> None:
        """Where the viewer is, not where the recording would have been."""
        self._opening.stop()
        self.whereabouts.come_back()
        super()._say_why_not(error)

    def _say_opening(self) -> None:
        self.body.show_pictures(True)
        self.picture.show_words(f"Opening “{self._name}”…")

    def _say_silent(self) -> None:
        """That nothing can be heard is said once; that nothing was recorded, of each recording."""
        if not self.playback.has_audio:
            self.body.status.say("This recording has no sound.")
        elif not self.playback.sound.available and not self._told_silent:
            self._told_silent = True
            self.body.status.tell("No sound device was found: recordings play without sound.")

    def _on_captions(self, text: str | None) -> None:
        self._captions_text = text or ""
        if self._handle is not None and text:
            self.sayings.take(self._handle.captions(text))
            if fault := self._handle.captions_fault(text, self._captions_name):
                self.body.status.say(fault)

    def _on_moved(self, ms: int) -> None:
        duration = self.playback.duration_ms
        self.timeline.set_position(ms, follow=True)
        name = f"Timeline, {clock(ms)} of {clock(duration)}"
        if name != self.timeline.accessibleName():
            self.timeline.setAccessibleName(name)
        self.controls.time.show_time(ms, duration)
        self.sayings.show_at(ms)

    def _on_playing_changed(self, playing: bool) -> None:
        self.controls.show_playing(playing)
        if playing:
            self.body.show_gone("")

    def _on_lost(self, words: str) -> None:
        self.body.show_gone(words)
        self.body.status.say(words)

    def _on_told(self, event: MediaEvent) -> None:
        facts = event.facts
        if event.name == "peaks":
            self.timeline.add_peaks(facts["first"], event.data, facts["per_second"])
        elif event.name == "glance":
            self.body.show_glance(event.ms, image_of(event))
        elif event.name == "cues" and not self.sayings.track:
            self.sayings.take([Words(*cue) for cue in facts["cues"]])
        elif event.name == "short":
            self.timeline.set_ending(event.ms)
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
        shown = ms if self.playback.opened else -1
        self.body.show_hover(shown, x, self.playback.has_video)
        if shown >= 0:
            self.playback.glance(ms, round(_GLANCE_WIDTH * self.devicePixelRatioF()))

    def _show_anchoring(self) -> None:
        words = self.body.transcript.selection() is not None
        self.controls.show_anchoring("words" if words else "span" if self.stretches.begun else "here")

    def _go_to_an_end(self, last: bool) -> None:
        self.playback.seek(self.playback.duration_ms - 1 if last else 0)

    def _play_chosen(self) -> None:
        """What is held is kept; what is chosen is played."""
        if not self.holding.let_go() and (mark := self.holding.chosen) is not None:
            self.anchor_activated.emit(mark.anchor.id)

    def _keep_place(self) -> None:
        if self.whereabouts.window is None and self.whereabouts.place:
            self.preferences.own_window = self.whereabouts.place
        self._take_focus()

    def _take_focus(self) -> None:
        (self.whereabouts.window or self).setFocus()

    def _restart(self, reopen: Callable[[], None], done: Callable[[], None]) -> None:
        self.in_background(reopen, lambda _: done())
