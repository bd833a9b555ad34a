"""Pictures by time: the frame shown at a moment, the one before it, the one after it.

A moment shows the last picture that began at or before it. Seeking decodes from the key frame before the
moment. Containers without a good index land anywhere: then the search goes further and further back until it
finds a key frame that is early enough, so that a seek is exact in every container or is none.
"""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import av.error

from assessor_desk.artifacts.media.ordering import Decoder, lacks_times
from assessor_desk.artifacts.media.recording import Readable, Recording
from assessor_desk.artifacts.media.unreferenced import unreferenced_in

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_CLOSE_MS = 600
"""A moment so shortly ahead is reached by decoding on; one further ahead is where no key frame is nearer to it."""
_BACK_MS = (0, 1_000, 4_000, 15_000, 60_000)
_HISTORY_MS = 1_000
_HISTORY_BYTES = 96 * 1024 * 1024
_UNKEYED = 300
_UNSETTLED = {"mpeg": 8, "mpegts": 8}
"""Packets after a seek whose times are not believed: the seek may land within one, and the times of those
that carry none are then counted from it."""
_SLIP_MS = 500
"""By how much the time of the first picture after a seek may be wrong in MPEG-PS (see `ordering`)."""
_SKIPPABLE = {"h264", "hevc"}
_NOISE_MS = 1e-6
"""What a moment loses in being written as a fraction; no two pictures are as close as that."""


class Superseded(Exception):
    """Something else is wanted by now."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded frame and when it begins, in milliseconds as exactly as they can be told."""

    start: float
    frame: VideoFrame

    @property
    def ms(self) -> int:
        """The first whole millisecond at which it is shown: rounding to the nearest could name one at which the
        picture before it still is."""
        return math.ceil(self.start - _NOISE_MS)

    @property
    def microseconds(self) -> int:
        """When it begins, to the nearest microsecond."""
        return round(self.start * 1000)

    def begins_by(self, ms: float) -> bool:
        """Whether it begins at or before `ms`."""
        return self.start <= ms + _NOISE_MS


class Pictures:
    """The moving pictures of one recording, read in any order.

    On the way to a moment, pictures that no other refers to are skipped until `whole_ms` before it: long enough that
    the one sought is not among them. `superseded` is asked between frames. A recording that has `begun`, its first
    picture being decoded, is read on.
    """

    def __init__(
        self,
        place: Readable,
        origin: Fraction,
        whole_ms: float,
        superseded: Callable[[], bool],
        begun: Recording | None = None,
    ) -> None:
        self._place = place
        self._origin = origin
        self._whole_ms = whole_ms
        self._superseded = superseded
        self._whole_from = 0.0
        self._skipped_to = 0.0
        self._hurried = self._leaving = False
        self._frames: Iterator[VideoFrame | None] = iter(())
        self._history: deque[Picture] = deque()
        self._next = 0
        self._hidden_key: int | None = None
        self._open(begun)
        self._begin()
        if begun is not None and begun.first is not None and begun.decoder is not None:
            self._frames = self._decoded(0, begun.decoder)
            self._remember(Picture(self._start(begun.first), begun.first))

    def at(self, ms: float) -> Picture | None:
        """The picture shown at `ms`; None past the end."""
        self._slow_down()
        found = self._remembered(lambda picture: picture.begins_by(ms))
        if found is not None:
            return found
        if self._further_ahead(ms):
            self._whole_from = self._whole_before(ms, 0.0)
        elif not self._shortly_ahead(ms):
            self._reposition(ms)
        return self._decode_to(ms)

    def before(self, ms: int) -> Picture | None:
        """The picture before the one that begins at `ms`; the first one when there is none before."""
        self._slow_down()
        found = self._remembered(lambda picture: picture.ms < ms)
        if found is None:
            self._reposition(max(0, ms - 1), whole_ms=_HISTORY_MS)
            found = self._decode_to(max(0, ms - 1))
        return found

    def next(self) -> Picture | None:
        """The picture after the last one given; None at the end."""
        if self._next < len(self._history):
            self._next += 1
            return self._history[self._next - 1]
        picture = self._decode()
        if picture is not None:
            self._remember(picture)
            self._next = len(self._history)
        return picture

    def hurry(self, hurried: bool) -> None:
        """Leave out what no other frame needs, when decoding cannot keep up."""
        self._hurried = hurried

    def _slow_down(self) -> None:
        """Where pictures were left out, those remembered are not all there are."""
        self.hurry(False)
        self._whole_from = max(self._whole_from, self._skipped_to)

    def close(self) -> None:
        self._recording.close()

    def _open(self, begun: Recording | None = None) -> None:
        self._recording = begun or Recording(self._place)
        stream = self._recording.video
        assert stream is not None
        assert stream.time_base is not None
        if begun is None:
            stream.thread_type = "AUTO"
        self._stream = stream
        self._base = stream.time_base
        self._skips = stream.codec_context.name in _SKIPPABLE and not lacks_times(self._recording)
        self._unreferenced = unreferenced_in(stream)
        self._leaving = False

    def _remembered(self, fits: Callable[[Picture], bool]) -> Picture | None:
        """The last remembered picture that fits, provided that what follows it is known to be next."""
        last = -1
        for number, picture in enumerate(self._history):
            if fits(picture) and picture.start >= self._whole_from:
                last = number
        if last < 0 or last == len(self._history) - 1:
            return None
        self._next = last + 1
        return self._history[last]

    def _shortly_ahead(self, ms: float) -> bool:
        return self._leads_to(ms) and ms - self._history[-1].start <= _CLOSE_MS

    def _further_ahead(self, ms: float) -> bool:
        """Whether no key frame lies between the last picture decoded and `ms`: then decoding on is the shortest way."""
        if not self._leads_to(ms) or not self._recording.container.format.name.startswith("mov"):
            return False
        here, there, entries = (
            self._offset(self._history[-1].start),
            self._offset(ms),
            self._stream.index_entries,
        )
        # A file in fragments has no more in its index than has been read of it.
        if not len(entries) or entries[len(entries) - 1].timestamp < there:
            return False
        return entries.search_timestamp(here) == entries.search_timestamp(there) >= 0

    def _leads_to(self, ms: float) -> bool:
        """Whether all pictures up to `ms` come out from here on."""
        if not self._history or not self._history[-1].begins_by(ms):
            return False
        return self._whole_from <= self._history[-1].start

    def _whole_before(self, ms: float, whole_ms: float) -> float:
        """From where on no picture may be left out on the way to `ms`."""
        return max(0.0, ms - max(whole_ms, self._whole_ms)) if self._skips else 0.0

    def _offset(self, ms: float) -> int:
        """A moment in the stream's own count."""
        return round((self._origin + Fraction(ms) / 1000) / self._base)

    def _decode_to(self, ms: float) -> Picture | None:
        """Decode until a picture begins after `ms`; the one before it."""
        chosen = self._decode_past(ms)
        early = chosen is None or chosen.start < self._whole_from
        if early and self._whole_from > 0 and self._skips:
            # The picture sought may be one that was skipped: a long gap, as in a recording of a screen.
            self._reposition(ms, whole_ms=ms)
            chosen = self._decode_past(ms)
        return chosen

    def _decode_past(self, ms: float) -> Picture | None:
        chosen = self._history[-1] if self._history and self._history[-1].begins_by(ms) else None
        while (picture := self._decode()) is not None:
            self._remember(picture)
            if not picture.begins_by(ms):
                break
            chosen = picture
        self._next = len(self._history) - (1 if picture is not None else 0)
        if chosen is None and picture is not None:
            # Nothing begins that early: the first picture there is.
            self._next = len(self._history)
            return picture
        return chosen

    def _remember(self, picture: Picture) -> None:
        if picture.start < self._whole_from:
            # Pictures may be missing between this one and the next.
            self._history.clear()
        self._history.append(picture)
        frame_bytes = max(1, picture.frame.width * picture.frame.height * 3 // 2)
        while len(self._history) > max(2, min(64, _HISTORY_BYTES // frame_bytes)):
            self._history.popleft()

    def _reposition(self, ms: float, whole_ms: float = 0.0) -> None:
        """Go to a key frame at or before `ms`."""
        self._whole_from = self._whole_before(ms, whole_ms)
        margin = _SLIP_MS if self._recording.container.format.name == "mpeg" else 0
        for back in _BACK_MS:
            self._seek(ms - margin - back)
            key = self._first_key()
            if key is not None and key.begins_by(ms - margin):
                break
        else:
            self._rewind()
            key = self._first_key()
        if key is not None:
            self._remember(key)

    def _seek(self, ms: float) -> None:
        try:
            self._recording.container.seek(self._offset(ms), stream=self._stream)
        except av.error.FFmpegError:
            self._rewind()
        else:
            self._begin(_UNSETTLED.get(self._recording.container.format.name, 0))

    def _rewind(self) -> None:
        """Open the recording anew: not every container can be told to go to its beginning."""
        self._recording.close()
        self._open()
        self._begin()

    def _begin(self, unsettled: int = 0) -> None:
        self._history.clear()
        self._next = 0
        self._hidden_key = None
        self._skipped_to = 0.0
        self._frames = self._decoded(unsettled)

    def _first_key(self) -> Picture | None:
        """The first picture that stands on its own, or follows one that is not to be shown; those before it lack what
        they refer to."""
        picture: Picture | None = None
        for _ in range(_UNKEYED):
            picture = self._decode()
            if picture is None or picture.frame.key_frame:
                return picture
            if self._hidden_key is not None and (picture.frame.pts or 0) > self._hidden_key:
                return picture
        return picture

    def _decode(self) -> Picture | None:
        for frame in self._frames:
            if frame is None:
                raise Superseded
            return Picture(self._start(frame), frame)
        return None

    def _decoded(self, unsettled: int, decoder: Decoder | None = None) -> Iterator[VideoFrame | None]:
        """Frames from here on, but for the first packets; None whenever something else is wanted by now.

        What is damaged is left out.
        """
        packets = itertools.islice(self._recording.container.demux(self._stream), unsettled, None)
        decoder = decoder or Decoder(self._recording)
        while True:
            try:
                if self._superseded():
                    yield None
                packet = next(packets)
                if packet.is_discard and packet.is_keyframe:
                    # Cut off without encoding anew, as phones do: needed for what follows, and not shown.
                    self._hidden_key = packet.pts
                if not self._leaves_out(packet):
                    yield from decoder.decode(packet)
            except StopIteration:
                return
            except av.error.EOFError:
                return
            except av.error.InvalidDataError:
                continue

    def _leaves_out(self, packet: Packet[VideoStream]) -> bool:
        """Have pictures skipped that begin too early; whether this one is, and need not even go to the decoder."""
        if not self._skips or packet.pts is None:
            return False
        begins = self._since_origin(packet.pts)
        leaves = self._hurried or begins < self._whole_from
        if leaves != self._leaving:
            self._leaving = leaves
            self._stream.codec_context.skip_frame = "NONREF" if leaves else "DEFAULT"
        if leaves:
            self._skipped_to = max(self._skipped_to, begins)
        return leaves and self._unreferenced(packet)

    def _start(self, frame: VideoFrame) -> float:
        return 0.0 if frame.pts is None else self._since_origin(frame.pts)

    def _since_origin(self, pts: int) -> float:
        return float((pts * self._base - self._origin) * 1000)
