"""A reading of the whole recording in the background: its waveform, and the captions inside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import av
import av.error

from assessor_desk.artifacts.media.captions import Cue, in_order, plain_words
from assessor_desk.artifacts.media.recording import Facts, Readable, Recording

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.packet import Packet
    from av.stream import Stream

_COARSE_FROM_MS = 10 * 60 * 1000
_SOUND_RATE = 8_000
_PIECE_SECONDS = 5.0

Report = Callable[[int, bytes, bool], None]


def peaks_per_second(facts: Facts) -> int:
    """How finely the waveform is drawn: long recordings more coarsely."""
    return 10 if facts.duration_ms > _COARSE_FROM_MS else 50


def survey(
    place: Readable, origin: Fraction, facts: Facts, report: Report, busy: Callable[[], bool]
) -> tuple[Cue, ...]:
    """Read everything once. `report` gets peaks (number of the first, bytes 0–255, whether these are the last).

    While `busy`, it works half of the time, so that playing is not disturbed. The captions are the answer.
    """
    recording = Recording(place)
    try:
        waveform = _Waveform(peaks_per_second(facts), origin, report)
        cues: list[Cue] = []
        for packet in _packets(recording, busy):
            _take(packet, waveform, cues, origin)
        waveform.finish()
        return in_order(iter(cues))
    finally:
        recording.close()


def cues_inside(place: Readable, origin: Fraction) -> tuple[Cue, ...]:
    """The captions inside a recording alone."""
    recording = Recording(place)
    try:
        stream = recording.captions
        if stream is None:
            return ()
        return in_order(cue for packet in _read(recording, [stream]) for cue in _cues(packet, origin))
    finally:
        recording.close()


def _take(packet: Packet[Stream], waveform: _Waveform, cues: list[Cue], origin: Fraction) -> None:
    try:
        if packet.stream.type == "audio":
            for frame in packet.decode():
                waveform.add(cast("AudioFrame", frame))
        elif packet.size:
            cues.extend(_cues(packet, origin))
    except av.error.FFmpegError:
        # A damaged packet leaves a gap in the drawing and nothing more.
        return


def _packets(recording: Recording, busy: Callable[[], bool]) -> Iterator[Packet[Stream]]:
    streams: list[Stream] = [s for s in (recording.audio, recording.captions) if s is not None]
    worked = time.monotonic()
    for packet in _read(recording, streams):
        yield packet
        spent = time.monotonic() - worked
        if spent > 0.02:
            time.sleep(min(spent, 0.1) if busy() else 0.001)
            worked = time.monotonic()


def _read(recording: Recording, streams: list[Stream]) -> Iterator[Packet[Stream]]:
    try:
        if streams:
            yield from recording.container.demux(*streams)
    except av.error.FFmpegError:
        # What could be read before the damage is what there is.
        return


def _cues(packet: Packet[Stream], origin: Fraction) -> Iterator[Cue]:
    if packet.pts is None or not packet.size:
        return
    start = float(packet.pts * packet.time_base - origin)
    seconds = float((packet.duration or 0) * packet.time_base)
    for rect in packet.decode():
        words = getattr(rect, "dialogue", b"").decode("utf-8", "replace").replace("\\N", "\n")
        yield Cue(max(0, round(start * 1000)), round((start + seconds) * 1000), plain_words(words))


class _Waveform:
    """The loudest sample of each slice of time, as a byte."""

    def __init__(self, per_second: int, origin: Fraction, report: Report) -> None:
        self._per_second = per_second
        self._origin = origin
        self._report = report
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=_SOUND_RATE)
        self._slice = _SOUND_RATE // per_second
        self._piece = round(_PIECE_SECONDS * per_second) * self._slice
        self._samples = bytearray()
        self._given: int | None = None

    def add(self, frame: AudioFrame) -> None:
        if self._given is None:
            self._given = max(0, round((float(frame.time or 0.0) - self._origin) * self._per_second))
        frame.pts = None
        self._take(self._resampler.resample(frame))
        if len(self._samples) // 2 >= self._piece:
            self._send(last=False)

    def finish(self) -> None:
        self._take(self._resampler.resample(None))
        self._send(last=True)

    def _take(self, parts: list[AudioFrame]) -> None:
        for part in parts:
            self._samples += bytes(part.planes[0])[: part.samples * 2]

    def _send(self, last: bool) -> None:
        import numpy as np

        samples = np.frombuffer(bytes(self._samples), np.int16)
        whole = len(samples) // self._slice
        sliced = np.abs(samples[: whole * self._slice].astype(np.int32)).reshape(whole, self._slice)
        peaks = (sliced.max(axis=1) // 129).clip(0, 255).astype(np.uint8) if whole else sliced[:0]
        given = self._given or 0
        self._report(given, peaks.tobytes(), last)
        self._given = given + whole
        del self._samples[: whole * self._slice * 2]
