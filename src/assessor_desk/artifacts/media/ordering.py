"""Times of pictures where their container does not tell them, or tells them wrong.

AVI numbers pictures in the order in which they are decoded. Where codecs put them into another order, what FFmpeg
guesses from that is wrong for H.264 and HEVC with pyramids of B pictures: they come out right, and with each other's
times. So the times of the packets are dealt out anew, the earliest to the picture that comes out first.
"""

from __future__ import annotations

import heapq
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

    from assessor_desk.artifacts.media.recording import Recording

_SLIPPING = "mpeg"
_REORDERED = {"h264", "hevc"}


def lacks_times(recording: Recording) -> bool:
    """Whether pictures of this recording have times in decoding order alone."""
    stream = recording.video
    return (
        recording.container.format.name == "avi"
        and stream is not None
        and stream.codec_context.name in _REORDERED
    )


class Decoder:
    """Decodes the pictures of one stretch, from a seek on; each comes with its time."""

    def __init__(self, recording: Recording) -> None:
        stream = recording.video
        self._dealt = lacks_times(recording)
        self._started = False
        self._times: list[int] = []
        self._slips = recording.container.format.name == _SLIPPING
        self._last: int | None = None
        self._put = False
        self._step, self._second = _step(stream) if stream is not None else (1, 1)

    def decode(self, packet: Packet[VideoStream]) -> list[VideoFrame]:
        """The pictures that come out when this packet goes in. Raises as PyAV does."""
        if self._dealt and packet.size and packet.dts is not None:
            self._started = self._started or packet.is_keyframe
            if not self._started:
                # Nothing comes out for it, so its time must not be given to another.
                return []
            heapq.heappush(self._times, packet.dts)
        frames = packet.decode()
        for frame in frames:
            if self._dealt:
                frame.pts = heapq.heappop(self._times) if self._times else None
            self._put_right(frame)
        return frames

    def _put_right(self, frame: VideoFrame) -> None:
        """Pictures come out in the order in which they are shown: a time before the last one's is a slip.

        Where two begin in one pack of MPEG-PS, FFmpeg gives the first one's time to both. Never two in a row: then it
        was the one before that had a time too late.
        """
        last = self._last
        slipped = last is not None and frame.pts is not None and last - self._second < frame.pts <= last
        self._put = last is not None and (frame.pts is None or (self._slips and slipped and not self._put))
        if self._put:
            frame.pts = (last or 0) + self._step
        self._last = frame.pts


def _step(stream: VideoStream) -> tuple[int, int]:
    """How long a picture is shown, and a second, in the stream's own count."""
    base = stream.time_base or Fraction(1, 1000)
    pace = stream.average_rate or stream.guessed_rate or Fraction(25)
    return max(1, round(1 / (pace * base))), max(1, round(1 / base))
