"""The streams of a recording, written anew into another container, each packet in its time."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

import av
import av.error

from assessor_desk.artifacts.media.captions import Cue
from assessor_desk.artifacts.media.converting import Converter, colours_of
from assessor_desk.artifacts.media.ordering import Decoder
from assessor_desk.artifacts.media.recording import Facts, Readable, Recording
from assessor_desk.artifacts.media.sounds import FRAME_BYTES, frame_of, pcm
from assessor_desk.artifacts.media.survey import cues_inside

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.subtitles.stream import SubtitleStream
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

    Timed = tuple[Fraction, Packet[Stream]]
    """A packet and the second at which it is decoded, by which streams are interleaved."""

_SOUND_RATE = 48_000
_KEY_SECONDS = 2
_CAPTION_BASE = Fraction(1, 1000)
_COPIED_FROM = ("matroska", "mov", "flv")
_COPIED_CODECS = {"h264", "hevc", "mpeg4", "vp9", "av1"}
_STYLES = (
    b"[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize\n"
    b"Style: Default,Arial,16\n\n[Events]\n"
    b"Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
)


@dataclass(frozen=True, slots=True)
class Quality:
    """How pictures and sound are encoded.

    `box`: what pictures fit into, either way round; they are never scaled up. `crf`: x264's constant quality, lower is
    better. `most_bits`: the most a second for pictures, over two seconds; 0 for any. `sound_bits`: a second of sound.
    """

    box: tuple[int, int]
    crf: int
    most_bits: int
    sound_bits: int


@dataclass
class Rewriting:
    """One recording being written anew."""

    place: Readable
    origin: Fraction
    facts: Facts
    quality: Quality
    told: Callable[[int], None]
    frames_lost: int = 0
    captions: int = 0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the pictures written: as shown, scaled down into the box, in even numbers."""
        width, height = self.facts.width, self.facts.height
        if not self.facts.has_video:
            return 0, 0
        longer, shorter = max(self.quality.box), min(self.quality.box)
        box = (longer, shorter) if width >= height else (shorter, longer)
        scale = min(box[0] / width, box[1] / height, 1.0)
        return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)

    def write(self, target: OutputContainer, first: VideoFrame | None, copied: bool) -> None:
        """Write all of it; `first` is its first picture, and `copied` says that pictures go over unchanged."""
        recording = Recording(self.place)
        try:
            streams: list[Iterator[Timed]] = []
            if first is not None:
                streams.append(
                    self._copy(recording, target) if copied else self._encode(recording, target, first)
                )
            if self.facts.has_audio:
                streams.append(self._sound(target))
            if self.facts.has_captions:
                streams.append(self._captions(target))
            for _, packet in heapq.merge(*streams, key=lambda timed: timed[0]):
                target.mux(packet)
        finally:
            recording.close()

    # Each of these adds its stream at once, and gives its packets later: all streams come before all packets.

    def _encode(self, recording: Recording, target: OutputContainer, first: VideoFrame) -> Iterator[Timed]:
        source = cast("VideoStream", recording.video)
        pace = source.average_rate or source.guessed_rate or Fraction(25)
        options = {"preset": "veryfast", "crf": str(self.quality.crf)}
        if self.quality.most_bits:
            options |= {"maxrate": str(self.quality.most_bits), "bufsize": str(2 * self.quality.most_bits)}
        stream = target.add_stream("libx264", rate=pace, options=options)
        stream.width, stream.height = self.size
        stream.pix_fmt = "yuv420p"
        stream.gop_size = max(1, round(_KEY_SECONDS * pace))
        stream.thread_type = source.thread_type = "AUTO"
        stream.codec_context.time_base = stream.time_base = cast("Fraction", source.time_base)
        colours_of(first).tell(stream.codec_context)
        return self._encoded(recording, source, stream)

    def _encoded(self, recording: Recording, source: VideoStream, stream: VideoStream) -> Iterator[Timed]:
        base = cast("Fraction", source.time_base)
        converter = Converter(self.facts.rotation, *self.size)
        last = -1
        for frame in self._frames(recording, source):
            at = 0 if frame.pts is None else frame.pts - round(self.origin / base)
            if at <= last:
                # Before the first one, or after a break in the count: the original does not show it either.
                continue
            last = at
            self.told(round(at * base * 1000))
            scaled = converter.convert(frame)
            scaled.pts, scaled.time_base = at, base
            yield from _timed(stream.encode(scaled))
        yield from _timed(stream.encode(None))

    def _frames(self, recording: Recording, source: VideoStream) -> Iterator[VideoFrame]:
        """All pictures from the beginning; those that are damaged are counted and left out."""
        packets, decoder = recording.container.demux(source), Decoder(recording)
        while True:
            try:
                yield from decoder.decode(next(packets))
            except (StopIteration, av.error.EOFError):
                return
            except av.error.InvalidDataError:
                self.frames_lost += 1

    def _copy(self, recording: Recording, target: OutputContainer) -> Iterator[Timed]:
        source = cast("VideoStream", recording.video)
        stream = target.add_stream_from_template(source)
        return self._copied(recording, source, stream)

    def _copied(self, recording: Recording, source: VideoStream, stream: Stream) -> Iterator[Timed]:
        base = cast("Fraction", source.time_base)
        shift = round(self.origin / base)
        decoded = iter(_decoding_times(self.place))
        packets: Iterator[Packet[Any]] = recording.container.demux(source)
        for packet in packets:
            if packet.size and packet.pts is not None:
                dts = next(decoded) - shift
                packet.pts, packet.dts, packet.stream = packet.pts - shift, dts, stream
                self.told(max(0, round(dts * base * 1000)))
                yield dts * base, packet

    def _sound(self, target: OutputContainer) -> Iterator[Timed]:
        bits = self.quality.sound_bits
        return self._encoded_sound(target.add_stream("aac", rate=_SOUND_RATE, layout="stereo", bit_rate=bits))

    def _encoded_sound(self, stream: Any) -> Iterator[Timed]:
        given = 0
        for piece in pcm(self.place, self.origin, 0, 1.0, _SOUND_RATE):
            frame = frame_of(piece, _SOUND_RATE)
            frame.pts, frame.time_base = given, Fraction(1, _SOUND_RATE)
            given += len(piece) // FRAME_BYTES
            if not self.facts.has_video:
                self.told(given * 1000 // _SOUND_RATE)
            yield from _timed(stream.encode(frame))
        yield from _timed(stream.encode(None))

    def _captions(self, target: OutputContainer) -> Iterator[Timed]:
        cues = one_at_a_time(cues_inside(self.place, self.origin))
        if not cues:
            return iter(())
        self.captions = len(cues)
        stream = target.add_stream("mov_text")
        stream.codec_context.subtitle_header = _STYLES
        stream.codec_context.time_base = _CAPTION_BASE
        return ((cue.start_ms * _CAPTION_BASE, _timed_text(cue, stream)) for cue in cues)


def may_copy(place: Readable) -> bool:
    """Whether pictures can go over as they are: their codec plays everywhere, and each has a time of its own."""
    recording = Recording(place)
    try:
        source = recording.video
        known = source is not None and source.codec_context.name in _COPIED_CODECS
        if not known or not recording.container.format.name.startswith(_COPIED_FROM):
            return False
        times = [packet.pts for packet in recording.container.demux(source) if packet.size]
        return None not in times and len(set(times)) == len(times)
    except av.error.FFmpegError:
        return False
    finally:
        recording.close()


def _decoding_times(place: Readable) -> list[int]:
    """When each packet of the pictures is decoded, in their order: as late as can be, and never after it is shown.

    Matroska does not say when; an MP4 must.
    """
    recording = Recording(place)
    try:
        packets = recording.container.demux(cast("VideoStream", recording.video))
        shown = [packet.pts for packet in packets if packet.size and packet.pts is not None]
    finally:
        recording.close()
    ordered = sorted(shown)
    ahead = max((at - pts for at, pts in zip(ordered, shown, strict=True)), default=0)
    return [at - ahead for at in ordered]


def one_at_a_time(cues: Iterable[Cue]) -> list[Cue]:
    """Cues that never overlap, as timed text needs them: where two are shown, both stand in one."""
    waiting = sorted(cues, key=lambda cue: cue.start_ms)
    edges = sorted({edge for cue in waiting for edge in (cue.start_ms, cue.end_ms)})
    made: list[Cue] = []
    shown: list[Cue] = []
    begun = 0
    for start, end in itertools.pairwise(edges):
        shown = [cue for cue in shown if cue.end_ms > start]
        while begun < len(waiting) and waiting[begun].start_ms <= start:
            shown.append(waiting[begun])
            begun += 1
        if shown:
            made.append(Cue(start, end, "\n".join(cue.text for cue in shown)))
    return made


def _timed(packets: Iterable[Packet[Stream]]) -> Iterator[Timed]:
    for packet in packets:
        at = packet.dts if packet.dts is not None else packet.pts
        yield Fraction(at or 0) * packet.time_base, packet


def _timed_text(cue: Cue, stream: SubtitleStream) -> Packet[Stream]:
    """3GPP timed text (3GPP TS 26.245): the length in two bytes, then the words."""
    words = cue.text.encode()[:0xFFFF]
    packet: Packet[Any] = av.Packet(len(words).to_bytes(2, "big") + words)
    packet.pts = packet.dts = cue.start_ms
    packet.duration, packet.time_base = cue.end_ms - cue.start_ms, _CAPTION_BASE
    packet.stream = stream
    return packet
