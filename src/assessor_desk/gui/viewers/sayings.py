"""What is said in a recording: its captions over the picture, and the transcript beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer

from assessor_desk.gui.recording_preferences import RecordingPreferences
from assessor_desk.gui.viewers.caption_track import CaptionTrack
from assessor_desk.gui.viewers.media_body import MediaBody
from assessor_desk.gui.viewers.recording_handle import Cue

_KEPT_AFTER_MS = 1_000


class Sayings(QObject):
    """Captions beside a recording come before those inside it. `where` tells the moment shown."""

    def __init__(self, body: MediaBody, where: Callable[[], int], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._body, self._where = body, where
        self._preferences = RecordingPreferences()
        self.track = CaptionTrack()
        self._keeping = QTimer(self)
        self._keeping.setSingleShot(True)
        self._keeping.setInterval(_KEPT_AFTER_MS)
        self._keeping.timeout.connect(self._keep_width)
        self._share = self._preferences.transcript_share
        body.transcript_resized.connect(self._on_resized)
        body.controls.captions_wanted.connect(self.set_on)
        body.controls.transcript_wanted.connect(self.show_transcript)
        body.transcript.hidden_wanted.connect(lambda: self.show_transcript(False))

    def prefer(self, preferences: RecordingPreferences) -> None:
        """Begin as it was left."""
        self._preferences = preferences
        self._body.share(preferences.transcript_share)
        self.show()

    def take(self, cues: Sequence[Cue]) -> None:
        """The captions of the recording in front."""
        self.track = CaptionTrack(cues)
        self._body.transcript.show_track(self.track)
        self.show()

    def forget(self) -> None:
        """Another recording, of which nothing is known yet."""
        self.take(())

    @property
    def on(self) -> bool:
        """Whether captions are shown where there are any."""
        return self._preferences.captions

    def set_on(self, on: bool) -> None:
        """Show captions, or do not."""
        self._preferences.captions = on
        self.show()

    def show_transcript(self, shown: bool) -> None:
        """Show the transcript, or hide it."""
        self._preferences.transcript = shown
        self.show()

    def toggle_transcript(self) -> None:
        """Hide the transcript, or show it."""
        self.show_transcript(not self._preferences.transcript)

    def find(self) -> None:
        """Look for words in the transcript, which is shown for that."""
        if self.track:
            self.show_transcript(True)
            self._body.transcript.start_search()

    def show(self) -> None:
        """Let body and controls show how it is."""
        there = bool(self.track)
        self._body.controls.show_captions(there, self.on)
        self._body.controls.show_transcript(there, self._preferences.transcript)
        self._body.show_transcript(there and self._preferences.transcript)
        self.show_at(self._where())

    def show_at(self, ms: int) -> None:
        """The words of a moment."""
        self._body.show_caption(self.track.at(ms) if self.on else "")
        if self.track:
            self._body.transcript.show_time(ms)

    def _on_resized(self, share: float) -> None:
        self._share = share
        self._keeping.start()

    def _keep_width(self) -> None:
        self._preferences.transcript_share = self._share
