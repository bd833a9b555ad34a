"""The captions of one recording: which words are said when, and where words are found."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from assessor_desk.gui.viewers.recording_handle import Cue

_OVERLAPPING = 8
"""So many cues may be shown at once: a late one is looked for no further back."""


@dataclass(frozen=True, slots=True)
class Words:
    """A caption that came with the recording itself."""

    start_ms: int
    end_ms: int
    text: str


class CaptionTrack:
    """Cues in the order of their times."""

    def __init__(self, cues: Sequence[Cue] = ()) -> None:
        self.cues = tuple(cues)
        self._starts = [cue.start_ms for cue in self.cues]

    def __bool__(self) -> bool:
        return bool(self.cues)

    def at(self, ms: int) -> str:
        """The words shown at a moment."""
        before = bisect_right(self._starts, ms)
        said = self.cues[max(0, before - _OVERLAPPING) : before]
        return "\n".join(cue.text for cue in said if ms < cue.end_ms)

    def index_at(self, ms: int) -> int:
        """The cue said at a moment, or the last one before it; -1 before the first."""
        return bisect_right(self._starts, ms) - 1
