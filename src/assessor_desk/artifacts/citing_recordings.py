"""What an anchor in a recording cites: the exact frame at its start, a stretch of sound, the words said there."""

from __future__ import annotations

import queue
from collections.abc import Callable

from assessor_desk.artifacts.citing import Cited, Sound
from assessor_desk.artifacts.media import MediaHandle
from assessor_desk.artifacts.media.captions import Cue
from assessor_desk.artifacts.media.client import Event
from assessor_desk.artifacts.pages import Raster
from assessor_desk.domain.anchor import Selector, TimeSpan
from assessor_desk.domain.errors import Damaged, Unavailable

STILL_SECONDS = 45.0
SOUND_SECONDS = 600.0
_AROUND_MS = 5_000
"""How much of the sound is shown around a moment."""
_HEARD = 500
"""Characters of captions that are shown."""

Given = Callable[[], bool]


class RecordingCiter:
    """Cites places of one open recording; the handle stays its owner's. `given_up` is asked while waiting."""

    def __init__(self, handle: MediaHandle, captions: str | None, given_up: Given = lambda: False) -> None:
        self._handle = handle
        self._cues = handle.captions(captions)
        self._given_up = given_up
        self._told: queue.Queue[Event] = queue.Queue()
        self._levels: tuple[bytes, int] | None = None
        handle.listen_to(self._keep)

    def cite(self, selector: Selector) -> Cited:
        """A moment or span; of the whole, how it begins. Raises Damaged or Unavailable where it cannot be read."""
        span = selector if isinstance(selector, TimeSpan) else TimeSpan(0)
        duration = int(self._handle.facts["duration_ms"])
        heard = _heard(self._cues, span) if isinstance(selector, TimeSpan) else ""
        if self._handle.facts["has_video"]:
            picture, frame_us = self._still(span)
            return Cited(picture, heard=heard, frame_us=frame_us, duration_ms=duration)
        return Cited(sound=self._sound(span, duration), heard=heard, duration_ms=duration)

    def _keep(self, event: Event) -> None:
        if event.name in ("still", "peaks", "gone"):
            self._told.put(event)

    def _still(self, span: TimeSpan) -> tuple[Raster, int | None]:
        """The frame shown at the start; by its own time where that is known."""
        # A microsecond later: a frame's own time is rounded, and may be a little before it begins.
        self._handle.still(span.start_ms if span.frame_us is None else (span.frame_us + 1) / 1000)
        event = self._next("still", STILL_SECONDS)
        facts = event.facts
        picture = Raster(facts["width"], facts["height"], bytes(event.data), facts["stride"])
        return picture, facts.get("frame_us")

    def _sound(self, span: TimeSpan, duration: int) -> Sound | None:
        levels, per_second = self._all_levels()
        start = max(0, span.start_ms - _AROUND_MS)
        end = min(duration, (span.end_ms or span.start_ms) + _AROUND_MS)
        first, last = start * per_second // 1000, -(-end * per_second // 1000)
        part = levels[first:last]
        if not part:
            return None
        return Sound(part, first * 1000 // per_second, (first + len(part)) * 1000 // per_second)

    def _all_levels(self) -> tuple[bytes, int]:
        if self._levels is None:
            self._handle.survey()
            levels, last, per_second = bytearray(), False, 1
            while not last:
                event = self._next("peaks", SOUND_SECONDS)
                first, per_second = int(event.facts["first"]), int(event.facts["per_second"])
                levels.extend(bytes(max(0, first - len(levels))))
                levels[first : first + len(event.data)] = event.data
                last = bool(event.facts["last"])
            self._levels = bytes(levels), per_second
        return self._levels

    def _next(self, name: str, seconds: float) -> Event:
        for _ in range(round(seconds / 0.2)):
            try:
                event = self._told.get(timeout=0.2)
            except queue.Empty:
                if self._given_up() or not self._handle.alive:
                    break
                continue
            if event.name == "gone":
                raise Damaged(str(event.facts["sentence"]))
            if event.name == name:
                return event
        raise Unavailable(
            f"“{self._handle.name}” took too long to read. Try again, or ask for a simpler copy"
        )


def _heard(cues: tuple[Cue, ...], span: TimeSpan) -> str:
    """What captions say within a span, or at a moment."""
    end = span.end_ms if span.end_ms is not None else span.start_ms + 1
    said = " ".join(
        " ".join(cue.text.split()) for cue in cues if cue.start_ms < end and cue.end_ms > span.start_ms
    )
    return said if len(said) <= _HEARD else said[: _HEARD - 1].rpartition(" ")[0] + "…"
