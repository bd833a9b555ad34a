"""How loud a recording is, and whether one can go to a moment in it: looked at in a few places, not from end to end."""

from __future__ import annotations

import itertools
import math
from typing import Any, BinaryIO

import av
import numpy as np

from assessor_desk.artifacts.media.recording import CONTAINER_OPTIONS

_PLACES = 20
_FRAMES_A_PLACE = 40
_LOUDEST = 32768
SILENT_DB = -70.0
"""Decibels below full scale at the loudest moment, under which nothing can be heard."""

FAINT_DB = -40.0
"""Under which speech is lost: an ordinary voice peaks at −20 to −6."""

_LATE_SECONDS = 10.0
_PACKETS_AFTER = 600


def loudest(reader: BinaryIO) -> float | None:
    """Decibels relative to full scale at the loudest moment of some twenty; None where there is no sound to decode."""
    found: list[float] = []
    with _opened(reader) as container:
        stream = next((s for s in container.streams.audio if s.codec_context is not None), None)
        if stream is None:
            return None
        for second in _seconds(container):
            peak = _peak_from(container, stream, second)
            if peak is not None:
                found.append(peak)
    return round(20 * math.log10(max(found) or 1e-5), 1) if found else None


def moments_found(reader: BinaryIO, seconds: float) -> bool:
    """Whether going to the middle ends there, or so early that reading on reaches it; never at all, or far beyond."""
    middle = seconds / 2
    with _opened(reader) as container:
        stream = next((s for s in container.streams.video if s.codec_context is not None), None)
        if stream is None or middle < _LATE_SECONDS:
            return True
        start = float((container.start_time or 0) / av.time_base)
        try:
            container.seek(round((start + middle) * av.time_base))
            packets = itertools.islice(container.demux(stream), _PACKETS_AFTER)
            at = next((float(p.pts * p.time_base) for p in packets if p.pts is not None), None)
        except (av.FFmpegError, ValueError, OSError):
            return False
    return at is not None and at - start < middle + _LATE_SECONDS


def _opened(reader: BinaryIO) -> Any:
    reader.seek(0)
    return av.open(reader, mode="r", metadata_errors="replace", container_options=CONTAINER_OPTIONS)


def _seconds(container: Any) -> list[float]:
    """Places to listen at, from the beginning on; a short recording is heard at fewer."""
    length = (container.duration or 0) / av.time_base
    start = (container.start_time or 0) / av.time_base
    count = max(1, min(_PLACES, int(length)))
    return [start + length * place / count for place in range(count)]


def _peak_from(container: Any, stream: Any, second: float) -> float | None:
    """The loudest sample of about a second, 0 to 1; None where nothing decodes there."""
    mono = av.AudioResampler(format="s16", layout="mono", rate=16_000)
    try:
        if second > 0:
            container.seek(round(second * av.time_base))
        frames = itertools.islice(container.decode(stream), _FRAMES_A_PLACE)
        heard = [part.to_ndarray() for frame in frames for part in mono.resample(frame)]
    except (av.FFmpegError, ValueError, OSError):
        return None
    return max((int(np.abs(part.astype(np.int32)).max(initial=0)) / _LOUDEST for part in heard), default=None)


def metadata(reader: BinaryIO) -> dict[str, str]:
    """What the recording's properties say, its first stream's included."""
    with _opened(reader) as container:
        streams = [dict(stream.metadata) for stream in itertools.islice(container.streams, 4)]
        return {key: value for each in (*streams, dict(container.metadata)) for key, value in each.items()}
