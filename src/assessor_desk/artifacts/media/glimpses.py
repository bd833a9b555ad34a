"""Key frames near a moment: quick, and not exact. For dragging along the timeline, and for small pictures of it.

With an open file and a decoder of its own, so that it need not wait for an exact picture under way; the one packet that
holds the key frame is decoded, and nothing after it.
"""

from __future__ import annotations

import itertools
from fractions import Fraction

import av.error

from assessor_desk.artifacts.media.pictures import Picture
from assessor_desk.artifacts.media.recording import Readable, Recording

_FAR = 600
"""Packets without a key frame after which there is none to be hoped for."""


class Glimpses:
    """The key frames of one recording."""

    def __init__(self, place: Readable, origin: Fraction) -> None:
        self._recording = Recording(place)
        self._origin = origin
        stream = self._recording.video
        assert stream is not None
        assert stream.time_base is not None
        # Threads would each hold back a picture.
        stream.codec_context.thread_count = 1
        self._stream = stream
        self._base = stream.time_base
        self._last: tuple[int | None, Picture] | None = None

    def near(self, ms: float) -> Picture | None:
        """The key frame before `ms`, or in containers without an index one close to it; None where there is none."""
        try:
            offset = round((self._origin + ms / 1000) / self._base)
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
            if self._last is not None and packet.pts == self._last[0]:
                return self._last[1]
            frames = [*packet.decode(), *self._stream.codec_context.decode(None)]
            self._stream.codec_context.flush_buffers()
            if frames:
                start = float(((packet.pts or 0) * self._base - self._origin) * 1000)
                self._last = packet.pts, Picture(max(0.0, start), frames[0])
                return self._last[1]
        return None
