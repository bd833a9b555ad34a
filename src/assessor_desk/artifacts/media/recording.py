"""Opening a recording, what it is, and whether all of it is there.

Times are integer milliseconds from the first picture (from the first sound where there is no picture).
"""

from __future__ import annotations

import itertools
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, cast

import av
import av.error
import av.logging

from assessor_desk.artifacts.media.ordering import Decoder
from assessor_desk.artifacts.sealed_stream import open_sealed
from assessor_desk.domain.errors import Damaged, Refused

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.index import IndexEntry
    from av.stream import Stream
    from av.subtitles.stream import SubtitleStream
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_BUFFER = 64 * 1024
_LARGEST_SIDE = 8192
_TAIL_MS = 4000
_LATE_START = 0.1
_SHORT_BY_MS = 2000
"""A recording may end this much before its header says without being called incomplete: sound and picture
rarely end together, and some writers round up."""

# Only formats that hold a recording themselves: a playlist could name other files or addresses.
CONTAINER_OPTIONS = {
    "format_whitelist": "mov,mp4,m4a,3gp,matroska,webm,avi,mpeg,mpegvideo,mpegts,asf,flv,"
    "mp3,aac,wav,w64,aiff,caf,ogg,flac,amr,amrnb,amrwb",
    "protocol_whitelist": "none",
}
_UNDECODED = {"skip_frame": "all"}
_UNREAD = {"probesize": "2048"}
_ATTACHED_PICTURE = 0x400
_GUESSED = {"aac", "mp3", "amr"}
"""Formats without a duration: it would be guessed from the first bit rate. Their packets are counted instead."""
_TEXT_CAPTIONS = {"mov_text", "subrip", "srt", "webvtt", "ass", "ssa", "text"}

# Not a level: a log call from a decoding thread would wait for the interpreter, which may wait for that thread.
av.logging.set_level(None)


class Readable(Protocol):
    """What a recording is read from, as often as wanted and at several places at once."""

    @property
    def name(self) -> str: ...
    def open(self) -> BinaryIO: ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where a recording lies: a sealed file with its key, or a plain file without one."""

    path: Path
    key: bytes
    name: str

    def open(self) -> BinaryIO:
        """Raises `Damaged` when the file is missing or not what was sealed."""
        if self.key:
            return cast("BinaryIO", open_sealed(self.path, self.key, self.name))
        try:
            return self.path.open("rb", buffering=0)
        except OSError as error:
            raise Damaged(f"“{self.name}” cannot be read: {error.strerror}.") from error


@dataclass(frozen=True, slots=True)
class Facts:
    """What a recording is. `width` and `height` are as shown: turned upright, with square pixels.

    `rotation` is how far the pictures were turned clockwise for that, in degrees. `frame_ms` is the mean
    time one picture is shown; `ends_ms` is where it ends early, when part of the file is missing.
    """

    duration_ms: int
    width: int = 0
    height: int = 0
    rotation: int = 0
    frame_ms: float = 0.0
    variable_rate: bool = False
    has_video: bool = False
    has_audio: bool = False
    has_captions: bool = False
    ends_ms: int | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Recording:
    """One open recording, its own file handle and position. Not for use by two threads at once.

    Opened in `haste`, where its format tells all in its header, FFmpeg decodes nothing yet to learn what it may need
    later, as in what order pictures come out; `hasty` then says so.
    """

    def __init__(self, place: Readable, haste: bool = False) -> None:
        self.place = place
        self.decoder: Decoder | None = None
        self.first: VideoFrame | None = None
        """The last picture decoded, while the next one is known to come next."""
        self._reader = place.open()
        self.hasty = haste and _tells_all(self._reader)
        try:
            self.container: InputContainer = av.open(
                self._reader,
                "r",
                options=_UNDECODED if self.hasty else {},
                container_options=CONTAINER_OPTIONS | (_UNREAD if self.hasty else {}),
                buffer_size=_BUFFER,
            )
        except (av.error.FFmpegError, OSError, ValueError) as error:
            self._reader.close()
            raise Damaged(
                f"“{place.name}” cannot be played: it is cut short, damaged, or in a format that is not known. "
                "Fetch it again, or ask for another copy."
            ) from error

    @property
    def video(self) -> VideoStream | None:
        """The first moving picture; a cover is none."""
        found = (s for s in self.container.streams.video if not s.disposition & _ATTACHED_PICTURE)
        return next((stream for stream in found if _decodes(stream)), None)

    @property
    def audio(self) -> AudioStream | None:
        return next((stream for stream in self.container.streams.audio if _decodes(stream)), None)

    @property
    def captions(self) -> SubtitleStream | None:
        """The first captions that are text."""
        streams = self.container.streams.subtitles
        return next((s for s in streams if _decodes(s) and s.codec_context.name in _TEXT_CAPTIONS), None)

    @property
    def size(self) -> int:
        """Bytes of the file."""
        here = self._reader.tell()
        end = self._reader.seek(0, 2)
        self._reader.seek(here)
        return end

    def damaged(self) -> Damaged:
        return Damaged(
            f"“{self.place.name}” holds nothing that can be played: it is damaged or cut short. Fetch it again."
        )

    def close(self) -> None:
        self.container.close()
        self._reader.close()


def _tells_all(reader: BinaryIO) -> bool:
    """Whether it is MP4 or QuickTime (ISO/IEC 14496-12, 4.3)."""
    beginning = reader.read(8)
    reader.seek(0)
    return beginning[4:] == b"ftyp"


def _decodes(stream: Stream) -> bool:
    """Whether its codec is known; PyAV's own types do not tell that there may be none."""
    return cast("Any", stream).codec_context is not None


def origin_of(recording: Recording) -> tuple[Fraction, VideoFrame | None]:
    """The second at which time begins, in the file's own count and exactly, and the first picture.

    Raises `Damaged` when there is neither picture nor sound.
    """
    stream = recording.video or recording.audio
    if stream is None:
        raise recording.damaged()
    if recording.video is not None:
        recording.video.thread_type = "AUTO"
    recording.decoder = decoder = Decoder(recording)
    try:
        for packet in recording.container.demux(stream):
            frames = decoder.decode(cast("Any", packet))
            for frame in frames:
                if frame.pts is not None and frame.time_base is not None:
                    shown = frame if recording.video else None
                    recording.first = shown if len(frames) == 1 else None
                    return frame.pts * frame.time_base, shown
    except av.error.FFmpegError as error:
        raise recording.damaged() from error
    raise recording.damaged()


def facts_of(place: Place) -> Facts:
    """Open a recording just for its facts, looking too whether its end is there.

    Raises `Damaged` or `Refused`.
    """
    recording = Recording(place)
    try:
        origin, first = origin_of(recording)
        return look(recording, origin, first, ends_early(recording, origin))
    finally:
        recording.close()


def look(recording: Recording, origin: Fraction, first: VideoFrame | None, ends_ms: int | None) -> Facts:
    """The facts of a recording whose first picture has been decoded. Raises `Refused` when it is too large."""
    duration = duration_of(recording, origin)
    sound, captions = recording.audio is not None, recording.captions is not None
    if first is None:
        return Facts(duration, has_audio=sound, has_captions=captions, ends_ms=ends_ms)
    if max(first.width, first.height) > _LARGEST_SIDE:
        raise Refused(
            f"“{recording.place.name}” is larger than {_LARGEST_SIDE} pixels. Ask for a smaller copy."
        )
    width, height, rotation = shown_size(first)
    frame_ms, variable = _pace(recording)
    return Facts(duration, width, height, rotation, frame_ms, variable, True, sound, captions, ends_ms)


def shown_size(frame: VideoFrame) -> tuple[int, int, int]:
    """Width, height and clockwise turn with which a picture is shown."""
    stretch = getattr(frame, "sample_aspect_ratio", None)
    width = round(frame.width * float(stretch)) if stretch else frame.width
    turn = -round(frame.rotation / 90) * 90 % 360
    return (frame.height, width, turn) if turn in (90, 270) else (width, frame.height, turn)


def duration_of(recording: Recording, origin: Fraction) -> int:
    """Milliseconds from the origin to the end, by the header or else by reading to the end."""
    container = recording.container
    guessed = container.format.name in _GUESSED
    if container.duration is not None and container.duration > 0 and not guessed:
        start = (container.start_time or 0) / av.time_base
        if start > _LATE_START and container.format.name.startswith("matroska"):
            # Its duration counts from zero or from its beginning, as who wrote it thought.
            return _read_duration(recording, origin, container.duration / av.time_base)
        return max(1, round((start + container.duration / av.time_base - origin) * 1000))
    recording.first = None
    container.seek(round(origin * av.time_base))
    return max(1, round((_last_second(recording) - origin) * 1000))


def _read_duration(recording: Recording, origin: Fraction, told: float) -> int:
    """By the last packets, which lie about `told` seconds after zero or after the origin."""
    for second in (float(origin) + told, told, float(origin)):
        last = _last_after(recording, max(float(origin), second - _TAIL_MS / 1000))
        if last is not None:
            return max(1, round((last - origin) * 1000))
    return max(1, round(told * 1000))


def ends_early(recording: Recording, origin: Fraction) -> int | None:
    """Where a recording ends although its header promises more; None when its end is there."""
    cut = _cut_index(recording)
    if cut is not None:
        return max(0, round((cut - origin) * 1000))
    promised = duration_of(recording, origin)
    last = None
    for back in itertools.accumulate(itertools.repeat(_TAIL_MS), lambda sum_, _: sum_ * 4):
        start = max(0.0, (promised - back) / 1000)
        last = _last_after(recording, origin + start)
        if last is not None or start == 0.0:
            break
    ends = 0 if last is None else max(0, round((last - origin) * 1000))
    return ends if promised - ends > _SHORT_BY_MS else None


def _last_after(recording: Recording, second: float) -> float | None:
    recording.first = None
    try:
        recording.container.seek(round(second * av.time_base))
        return _last_second(recording)
    except (av.error.FFmpegError, ValueError):
        return None


def _last_second(recording: Recording) -> float:
    """The end of the last packet from here on. Raises ValueError when there is none."""
    streams = [stream for stream in (recording.video, recording.audio) if stream is not None]
    ends: list[float] = []
    try:
        ends.extend(
            float((packet.pts + (packet.duration or 0)) * packet.time_base)
            for packet in recording.container.demux(*streams)
            if packet.pts is not None and packet.time_base is not None
        )
    except av.error.FFmpegError:
        # What could be read before the damage is what there is.
        pass
    return max(ends)


def _cut_index(recording: Recording) -> float | None:
    """Where the index of an MP4 begins to point past the end of the file."""
    if not recording.container.format.name.startswith("mov"):
        return None
    stream: Stream | None = recording.video or recording.audio
    if stream is None or stream.time_base is None:
        return None
    size, entries = recording.size, stream.index_entries
    if not len(entries) or _within(entries[len(entries) - 1], size):
        return None
    first_cut = next(entry for entry in entries if not _within(entry, size))
    return float(first_cut.timestamp * stream.time_base)


def _within(entry: IndexEntry, size: int) -> bool:
    return entry.pos + entry.size <= size


def _pace(recording: Recording) -> tuple[float, bool]:
    """Mean milliseconds a picture is shown, and whether that varies by more than a fifth."""
    stream = recording.video
    assert stream is not None
    mean = 1000 / float(stream.average_rate or stream.guessed_rate or 25)
    times = sorted(_indexed_times(stream) or _packet_times(recording, stream))
    gaps = sorted(after - before for before, after in itertools.pairwise(times))
    if len(gaps) < 5:
        return mean, False
    middle = gaps[len(gaps) // 2]
    # Single gaps are left out: streams that are cut and pasted have one or two, and are not variable.
    steady = sum(abs(gap - middle) <= 0.2 * middle for gap in gaps)
    return mean, steady < 0.95 * len(gaps)


def _indexed_times(stream: VideoStream) -> list[float]:
    """Times of the first packets, in milliseconds, as the index tells them; none without a whole index."""
    entries, base = stream.index_entries, stream.time_base
    if base is None or len(entries) < 2:
        return []
    return [float(entries[at].timestamp * base) * 1000 for at in range(min(200, len(entries)))]


def _packet_times(recording: Recording, stream: VideoStream) -> list[float]:
    """Times of the first packets, in milliseconds."""
    recording.first = None
    recording.container.seek(stream.start_time or 0, stream=stream)
    packets = itertools.islice(recording.container.demux(stream), 200)
    try:
        return [float(p.pts * p.time_base) * 1000 for p in packets if p.pts is not None and p.time_base]
    except av.error.FFmpegError:
        return []
