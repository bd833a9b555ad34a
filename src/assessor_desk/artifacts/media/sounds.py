"""Sound by time: PCM without gaps from a moment on, at any rate, its pitch kept.

PCM is signed 16 bits, little endian, two channels. Gaps in the recording become silence and overlaps are cut,
so that the count of samples given is the clock: sample `n` is heard at `ms + rate * n / sample_rate`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import av
import av.error
from av.filter import Graph

from assessor_desk.artifacts.media.recording import Readable, Recording

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream

FRAME_BYTES = 4
"""Bytes of one sample of both channels."""

_TOLERANCE = 0.02
"""Seconds by which sound may be out of place before it is put right."""
_BACK_MS = (0, 1_000, 5_000, 30_000)
_CHUNK_SECONDS = 0.1


def pcm(place: Readable, origin: Fraction, ms: int, rate: float, sample_rate: int) -> Iterator[bytes]:
    """PCM from `ms` on, in pieces of about a tenth of a second."""
    recording = Recording(place)
    try:
        pieces = _continuous(recording, origin + ms / 1000, sample_rate)
        yield from _chunks(pieces if rate == 1.0 else _at_rate(pieces, rate, sample_rate), sample_rate)
    finally:
        recording.close()


def _chunks(pieces: Iterator[bytes], sample_rate: int) -> Iterator[bytes]:
    chunk, wanted = bytearray(), round(_CHUNK_SECONDS * sample_rate) * FRAME_BYTES
    for piece in pieces:
        chunk += piece
        while len(chunk) >= wanted:
            yield bytes(chunk[:wanted])
            del chunk[:wanted]
    if chunk:
        yield bytes(chunk)


def _continuous(recording: Recording, start: float, sample_rate: int) -> Iterator[bytes]:
    """Sound from second `start` of the file's own count, each sample in its place."""
    resampler = av.AudioResampler(format="s16", layout="stereo", rate=sample_rate)
    given = 0
    for frame in _frames_from(recording, start):
        if frame.time is not None:
            due = round((float(frame.time) - start) * sample_rate)
        else:
            due = given
        data = _resampled(resampler, frame)
        if due - given > _TOLERANCE * sample_rate:
            yield from _silence(due - given, sample_rate)
            given = due
        elif given - due > _TOLERANCE * sample_rate or due < 0 == given:
            data = data[(given - due) * FRAME_BYTES :]
        given += len(data) // FRAME_BYTES
        yield data


def _silence(samples: int, sample_rate: int) -> Iterator[bytes]:
    while samples > 0:
        piece = min(samples, sample_rate)
        yield bytes(piece * FRAME_BYTES)
        samples -= piece


def _resampled(resampler: av.AudioResampler, frame: AudioFrame) -> bytes:
    frame.pts = None
    parts = resampler.resample(frame)
    return b"".join(_bytes_of(part) for part in parts)


def _bytes_of(frame: AudioFrame) -> bytes:
    data = bytes(frame.planes[0])[: frame.samples * FRAME_BYTES]
    return data if sys.byteorder == "little" else data[::-1]


def _frames_from(recording: Recording, start: float) -> Iterator[AudioFrame]:
    """Frames from the one at second `start` or shortly before it."""
    stream = recording.audio
    if stream is None:
        return
    first: AudioFrame | None = None
    frames: Iterator[AudioFrame] = iter(())
    beginning = float((stream.start_time or 0) * stream.time_base) if stream.time_base else 0.0
    for back in _BACK_MS:
        second = max(start - back / 1000, beginning)
        frames = _seek(recording, stream, second)
        first = next(frames, None)
        early = first is not None and first.time is not None and first.time <= start + _TOLERANCE
        if early or second == beginning:
            break
    if first is not None:
        yield first
    yield from frames


def _seek(recording: Recording, stream: AudioStream, second: float) -> Iterator[AudioFrame]:
    assert stream.time_base is not None
    try:
        recording.container.seek(round(second / stream.time_base), stream=stream)
    except av.error.FFmpegError:
        # No index, or before its first entry: what comes next is as good as can be had.
        pass
    return decoded(recording, stream)


def decoded(recording: Recording, stream: AudioStream) -> Iterator[AudioFrame]:
    """Frames of sound from here on; what is damaged is left out."""
    packets = recording.container.demux(stream)
    while True:
        try:
            yield from next(packets).decode()
        except (StopIteration, av.error.EOFError):
            return
        except av.error.InvalidDataError:
            continue


def _at_rate(pieces: Iterator[bytes], rate: float, sample_rate: int) -> Iterator[bytes]:
    graph = Graph()
    graph.link_nodes(
        graph.add_abuffer(sample_rate=sample_rate, format="s16", layout="stereo"),
        graph.add("atempo", str(rate)),
        graph.add("aformat", "sample_fmts=s16:channel_layouts=stereo"),
        graph.add("abuffersink"),
    ).configure()
    for piece in pieces:
        if piece:
            graph.push(frame_of(piece, sample_rate))
            yield from _pulled(graph)
    graph.push(None)
    yield from _pulled(graph)


def frame_of(data: bytes, sample_rate: int) -> AudioFrame:
    """PCM as a frame, without a time."""
    frame = av.AudioFrame(format="s16", layout="stereo", samples=len(data) // FRAME_BYTES)
    frame.sample_rate = sample_rate
    plane = memoryview(frame.planes[0]).cast("B")
    plane[: len(data)] = data
    return frame


def _pulled(graph: Graph) -> Iterator[bytes]:
    while True:
        try:
            yield _bytes_of(cast("AudioFrame", graph.pull()))
        except (av.error.BlockingIOError, av.error.EOFError):
            return
