"""What the worker does at once, each on a thread with its own open file: pictures, sound, glances."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import av.error

from assessor_desk.artifacts.media.beginning import Beginning
from assessor_desk.artifacts.media.glimpses import Glimpses
from assessor_desk.artifacts.media.pictures import Picture, Pictures, Superseded
from assessor_desk.artifacts.media.recording import Facts, Place, Recording
from assessor_desk.artifacts.media.ring import SLOT_BYTES, SLOTS, Ring
from assessor_desk.artifacts.media.scaling import Pixels, Scaler
from assessor_desk.artifacts.media.sounds import pcm
from assessor_desk.artifacts.pipe import Payload
from assessor_desk.domain.errors import Damaged

Tell = Callable[[Mapping[str, Any], Payload], None]

_LATE_MS = 80
_MUCH_TOO_LATE_MS = 500
_SOUND_AHEAD_SECONDS = 1.0
_LONG_GAP_MS = 400
_RESTING_SECONDS = 0.04


@dataclass(frozen=True)
class Opened:
    """A recording that the lanes share the facts of."""

    place: Place
    origin: Fraction
    facts: Facts
    tell: Tell
    _glimpses: list[Glimpses] = field(default_factory=list)
    _opening: threading.Lock = field(default_factory=threading.Lock)

    def pictures(self, superseded: Callable[[], bool], begun: Recording | None = None) -> Pictures:
        facts = self.facts
        whole_ms = max(_LONG_GAP_MS, 3 * facts.frame_ms) if facts.variable_rate else 2.5 * facts.frame_ms
        return Pictures(self.place, self.origin, whole_ms, superseded, begun)

    def glimpses(self) -> Glimpses:
        """The same for all lanes, opened when first asked for."""
        with self._opening:
            if not self._glimpses:
                self._glimpses.append(Glimpses(self.place, self.origin))
            return self._glimpses[0]

    def broken(self) -> Damaged:
        return Damaged(f"“{self.place.name}” cannot be read on from here: it is damaged. Fetch it again.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The picture at `ms`, or the one before it. While scrubbing, a key frame near it comes first."""

    serial: int
    ms: int
    before: bool = False
    scrubbing: bool = False


@dataclass
class PictureLane:
    """Gives the picture wanted, then those after it for as long as slots are free.

    The window frees slots as it shows pictures, so it sets the pace; pictures that would come too late are
    left out.
    """

    opened: Opened
    ring: Ring | None
    scaler: Scaler
    beginning: Beginning
    _turn: threading.Condition = field(default_factory=threading.Condition)
    _wanted: Wanted | None = None
    _serial: int = 0
    _free: set[int] = field(default_factory=lambda: set(range(SLOTS)))
    _now: int | None = None
    _scaled: tuple[tuple[int, int], Pixels] | None = None

    def want(self, wanted: Wanted) -> None:
        with self._turn:
            self._wanted, self._now = wanted, None
            self._turn.notify()

    def free(self, slot: int, now: int | None) -> None:
        """The window is done with a slot; `now` is where it plays, None when it does not."""
        with self._turn:
            if 0 <= slot < SLOTS:
                self._free.add(slot)
            self._now = now
            self._turn.notify()

    def fit(self, width: int, height: int) -> None:
        """Scale pictures to this many pixels from now on."""
        self.scaler.fit(width, height)

    def run(self) -> None:
        """Serve for ever."""
        self._scale_first()
        wanted = self._next_wanted()
        given = self._give_first(wanted)
        pictures = self.opened.pictures(lambda: self._wanted is not None, self.beginning.begun)
        self._scaled, self.beginning = None, replace(self.beginning, first=None, begun=None)
        while True:
            try:
                self._serve(pictures, wanted, given)
            except Superseded:
                pass
            wanted, given = self._next_wanted(), False

    def _scale_first(self) -> None:
        """While the window hears that the recording is open: most often it wants its beginning, as large as before."""
        first = self.beginning.first
        if first is not None:
            self._scaled = self.scaler.size(), self.scaler.pixels(first)

    def _give_first(self, wanted: Wanted) -> bool:
        """Give the picture that is there already, where it is the one wanted, before those after it can be read."""
        first = self.beginning.first
        if first is None or wanted.ms >= self.beginning.lasts_ms:
            return False
        try:
            size, pixels = self._scaled or ((0, 0), None)
            self._give(Picture(0.0, first), True, pixels if size == self.scaler.size() else None)
        except Superseded:
            return False
        return True

    def _next_wanted(self) -> Wanted:
        with self._turn:
            while self._wanted is None:
                self._turn.wait()
            wanted, self._wanted = self._wanted, None
            self._serial = wanted.serial
            return wanted

    def _serve(self, pictures: Pictures, wanted: Wanted, given: bool) -> None:
        """Give the picture wanted, unless it was `given`, and those after it."""
        picture = self._sought(pictures, wanted)
        last = wanted.ms
        if given and picture is not None:
            last, picture = picture.ms, pictures.next()
        while picture is not None:
            if not self._too_late(pictures, picture):
                self._give(picture, exact=True)
            last = picture.ms
            picture = pictures.next()
        self.opened.tell({"event": "pictures_end", "serial": self._serial, "ms": last}, b"")

    def _sought(self, pictures: Pictures, wanted: Wanted) -> Picture | None:
        try:
            if wanted.before:
                return pictures.before(wanted.ms)
            if wanted.scrubbing:
                self._glimpse(wanted.ms)
            return pictures.at(wanted.ms)
        except av.error.FFmpegError as error:
            raise self.opened.broken() from error

    def _glimpse(self, ms: int) -> None:
        key = self.opened.glimpses().near(ms)
        if key is not None:
            self._give(key, exact=False)
        with self._turn:
            # The exact picture is only begun when the drag rests: it could not be dropped at once.
            self._turn.wait_for(lambda: self._wanted is not None, _RESTING_SECONDS)
            if self._wanted is not None:
                raise Superseded

    def _too_late(self, pictures: Pictures, picture: Picture) -> bool:
        now = self._now
        if now is None:
            return False
        pictures.hurry(now - picture.ms > _MUCH_TOO_LATE_MS)
        return now - picture.ms > _LATE_MS

    def _give(self, picture: Picture, exact: bool, scaled: Pixels | None = None) -> None:
        slot = self._take_slot()
        pixels = scaled or self.scaler.pixels(picture.frame)
        header = {
            "event": "picture",
            "serial": self._serial,
            "ms": picture.ms,
            "frame_us": picture.microseconds,
            "exact": exact,
            "slot": slot,
            "width": pixels.width,
            "height": pixels.height,
            "stride": pixels.stride,
        }
        if self.ring is None:
            self.opened.tell(header, pixels.data)
        else:
            self.ring.slot(slot, len(pixels.data))[:] = pixels.data
            self.opened.tell(header, b"")

    def _take_slot(self) -> int:
        """Wait for a free slot. Raises `Superseded` when something else is wanted meanwhile."""
        with self._turn:
            while not self._free and self._wanted is None:
                self._turn.wait()
            if self._wanted is not None:
                raise Superseded
            return self._free.pop()


@dataclass
class SoundLane:
    """Gives PCM from a moment on, a second ahead of what has been heard."""

    opened: Opened
    _turn: threading.Condition = field(default_factory=threading.Condition)
    _wanted: Mapping[str, Any] | None = None
    _pending: int = 0

    def want(self, wanted: Mapping[str, Any] | None) -> None:
        """Begin elsewhere, or (None) fall silent."""
        with self._turn:
            self._wanted, self._pending = wanted or {}, 0
            self._turn.notify()

    def heard(self, count: int) -> None:
        """The window has played `count` bytes."""
        with self._turn:
            self._pending -= count
            self._turn.notify()

    def run(self) -> None:
        """Serve for ever."""
        while True:
            with self._turn:
                while self._wanted is None:
                    self._turn.wait()
                wanted, self._wanted = self._wanted, None
            if wanted:
                self._serve(wanted)

    def _serve(self, wanted: Mapping[str, Any]) -> None:
        sample_rate, serial = int(wanted["sample_rate"]), int(wanted["serial"])
        ahead = round(_SOUND_AHEAD_SECONDS * sample_rate) * 4
        place, origin = self.opened.place, self.opened.origin
        for piece in pcm(place, origin, int(wanted["ms"]), float(wanted["rate"]), sample_rate):
            if not self._may_send(len(piece), ahead):
                return
            self.opened.tell({"event": "sound", "serial": serial}, piece)
        self.opened.tell({"event": "sound_end", "serial": serial}, b"")

    def _may_send(self, length: int, ahead: int) -> bool:
        with self._turn:
            while self._wanted is None and self._pending > ahead:
                self._turn.wait()
            self._pending += length
            return self._wanted is None


@dataclass
class GlanceLane:
    """Small pictures for a hover, and the exact picture in full size. Only the last one asked for is given."""

    opened: Opened
    _turn: threading.Condition = field(default_factory=threading.Condition)
    _asked: dict[str, tuple[float, int]] = field(default_factory=dict)

    def want(self, what: str, ms: float, width: int) -> None:
        """`what`: "glance" or "still"."""
        with self._turn:
            self._asked[what] = (ms, width)
            self._turn.notify()

    def run(self) -> None:
        """Serve for ever."""
        pictures: Pictures | None = None
        for what, ms, width in self._questions():
            if what == "still":
                pictures = pictures or self.opened.pictures(lambda: False)
                found = pictures.at(ms)
            else:
                found = self.opened.glimpses().near(ms)
            if found is not None:
                self._tell(what, ms, found, width)

    def _questions(self) -> Iterator[tuple[str, float, int]]:
        while True:
            with self._turn:
                while not self._asked:
                    self._turn.wait()
                what = "still" if "still" in self._asked else "glance"
                ms, width = self._asked.pop(what)
            yield what, ms, width

    def _tell(self, what: str, asked: float, picture: Picture, width: int) -> None:
        scaler = Scaler(self.opened.facts, SLOT_BYTES)
        if width:
            scaler.fit(width, width)
        pixels = scaler.pixels(picture.frame)
        size = {"width": pixels.width, "height": pixels.height, "stride": pixels.stride}
        header = {"event": what, "ms": math.floor(asked), "frame_us": picture.microseconds, **size}
        self.opened.tell(header, pixels.data)
