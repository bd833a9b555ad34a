"""How a recording begins: its facts and its first picture, as soon as they can be had.

While it opens a file, FFmpeg decodes from it, and threads of a decoder each hold back a picture. Neither is needed for
the first picture of an MP4 or QuickTime file, whose header tells everything else: where the file begins with a key
frame and nothing is shown before it, that one packet is decoded alone. All other recordings are opened as for playing.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import av.error

from assessor_desk.artifacts.media.recording import Facts, Readable, Recording, look, origin_of
from assessor_desk.domain.errors import Damaged

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_MOST_REORDERED = 16
"""Pictures by which the order of showing may differ from that of decoding (H.264, A.3.1; H.265 the same)."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is known once a recording has been opened.

    `first` is shown until `lasts_ms`; None where `begun` is to be read on instead, or nothing is to be seen.
    """

    origin: Fraction
    facts: Facts
    first: VideoFrame | None = None
    lasts_ms: float = 0.0
    begun: Recording | None = None


def begin(place: Readable) -> Beginning:
    """Open a recording. Raises `Damaged` or `Refused`."""
    recording = Recording(place, haste=True)
    if not recording.hasty:
        return _thoroughly(recording)
    try:
        found = _by_its_key_frame(recording)
    except (av.error.FFmpegError, Damaged):
        # Said when it is opened once more, if it is the picture itself that is damaged.
        found = None
    finally:
        recording.close()
    return found or _thoroughly(Recording(place))


def _by_its_key_frame(recording: Recording) -> Beginning | None:
    """None where it begins in any way that is not plain."""
    stream = recording.video
    if stream is None or stream.time_base is None:
        return None
    packets = [packet for packet in _packets(recording, stream) if packet.size]
    times = [packet.pts for packet in packets if packet.pts is not None]
    if len(times) < max(1, len(packets)) or not packets[0].is_keyframe or packets[0].is_discard:
        return None
    start, after = times[0], min(times[1:], default=math.inf)
    frame = _alone(packets[0], stream) if start < after else None
    if frame is None:
        return None
    origin = start * stream.time_base
    lasts = float((after - start) * stream.time_base) * 1000
    return Beginning(origin, look(recording, origin, frame, None), frame, lasts)


def _packets(recording: Recording, stream: VideoStream) -> list[Packet[VideoStream]]:
    return list(itertools.islice(recording.container.demux(stream), 2 + _MOST_REORDERED))


def _alone(key: Packet[VideoStream], stream: VideoStream) -> VideoFrame | None:
    """The picture of this packet, if it is one."""
    context = stream.codec_context
    context.thread_type = "SLICE"
    frames = [*context.decode(key), *context.decode(None)]
    return frames[0] if len(frames) == 1 and frames[0].pts == key.pts else None


def _thoroughly(recording: Recording) -> Beginning:
    try:
        origin, first = origin_of(recording)
        facts = look(recording, origin, first, None)
    except BaseException:
        recording.close()
        raise
    if not facts.has_video:
        recording.close()
        return Beginning(origin, facts)
    return Beginning(origin, facts, begun=recording)
