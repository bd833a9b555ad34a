"""Key frames near a moment: quick, and not exact. For dragging along the timeline, and for small pictures of it.

With an open file and a decoder of its own, so that it need not wait for an exact picture under way; the one packet that
holds the key frame is decoded, and nothing after it. A hand on the timeline asks twice for each moment, for the picture
and for the small one beside it, and moves to and fro: the last key frames are kept.
"""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from fractions import Fraction

import av.error

from assessor_desk.artifacts.media.pictures import Picture
from assessor_desk.artifacts.media.recording import Readable, Recording

_FAR = 600
"""Packets without a key frame after which there is none to be hoped for."""
_KEPT_BYTES, _MOST_KEPT = 24 * 1024 * 1024, 32


class Glimpses:
    """The key frames of one recording. Thread-safe."""

    def __init__(self, place: Readable, origin: Fraction) -> None:
        self._lock = threading.Lock()
        self._recording = Recording(place, haste=True)
        self._origin = origin
        stream = self._recording.video
        assert stream is not None
        assert stream.time_base is not None
        # Threads would each hold back a picture.
        stream.codec_context.thread_count = 1
        self._stream = stream
        self._base = stream.time_base
        self._kept: OrderedDict[int | None, Picture] = OrderedDict()

    def near(self, ms: float) -> Picture | None:
        """The key frame before `ms`, or in containers without an index one close to it; None where there is none."""
        offset = round((self._origin + Fraction(ms) / 1000) / self._base)
        with self._lock:
            try:
                self._recording.container.seek(offset, stream=self._stream)
                return self._next_key()
            except av.error.FFmpegError:
                return None

    def close(self) -> None:
        self._recording.close()

    def _next_key(self) -> Picture | None:
        for packet in itertools.islice(self._recording.container.demux(self._stream), _FAR):
            if not packet.is_keyframe or not packet.size:
                continue
            if packet.pts in self._kept:
                self._kept.move_to_end(packet.pts)
                return self._kept[packet.pts]
            frames = [*packet.decode(), *self._stream.codec_context.decode(None)]
            self._stream.codec_context.flush_buffers()
            if frames:
                start = float(((packet.pts or 0) * self._base - self._origin) * 1000)
                return self._keep(packet.pts, Picture(max(0.0, start), frames[0]))
        return None

    def _keep(self, pts: int | None, key: Picture) -> Picture:
        self._kept[pts] = key
        room = _KEPT_BYTES // max(1, key.frame.width * key.frame.height * 3 // 2)
        while len(self._kept) > max(1, min(room, _MOST_KEPT)):
            self._kept.popitem(last=False)
        return key
