"""Renditions of a recording: a small one for bad networks, or one that can be played where the original cannot.

`encode` writes one. Every picture is kept, at its own time counted from the first, so that a moment means the same
picture in both; sound is kept in its place, and so are the captions inside. It reads hostile bytes, so it runs in a
worker; what it writes goes out in order, as an MP4 in fragments (ISO/IEC 14496-12), whose index is at its end.
"""

from __future__ import annotations

import enum
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import av
import av.codec
import av.error

from assessor_desk.artifacts.media.recording import Recording, look, origin_of
from assessor_desk.artifacts.media.rewriting import Quality, Rewriting, may_copy
from assessor_desk.artifacts.media.shared_file import Shared
from assessor_desk.domain.errors import Damaged, Unavailable

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

MEDIA_TYPE = "video/mp4"
_ENCODER = "libx264"
SOUND_MEDIA_TYPE = "audio/mp4"
_FRAGMENTS = {"movflags": "frag_keyframe+delay_moov+default_base_moof", "min_frag_duration": "20000000"}
"""Fragments of 20 s: opening a recording visits each of them, 65 ms for two hours (0.4 s with 2 s)."""


class Purpose(enum.StrEnum):
    """What a rendition is for."""

    SMALL = "small"
    PLAYABLE = "playable"


_QUALITIES = {
    Purpose.SMALL: Quality((1280, 720), crf=25, most_bits=1_400_000, sound_bits=96_000),
    Purpose.PLAYABLE: Quality((1920, 1080), crf=20, most_bits=0, sound_bits=160_000),
}


@dataclass(frozen=True, slots=True)
class RenditionFacts:
    """What was written. `frames_lost`: pictures that were damaged; `copied`: pictures went over unchanged."""

    media_type: str
    duration_ms: int
    width: int = 0
    height: int = 0
    frames_lost: int = 0
    copied: bool = False
    captions: int = 0


def encode(
    reader: BinaryIO,
    name: str,
    write: Callable[[bytes], None],
    told: Callable[[int], None] = lambda _: None,
    purpose: Purpose = Purpose.SMALL,
) -> RenditionFacts:
    """Write a rendition of the recording in `reader`, which can seek. `name` is what errors call it.

    `write` gets its bytes in order, `told` how many milliseconds are done; what they raise passes through. Raises
    `Damaged` for a recording that cannot be read, `Refused` for one that is too large, `Unavailable` without encoder.
    """
    if _ENCODER not in av.codec.codecs_available:
        raise Unavailable(f"No rendition of “{name}” can be made: the encoder x264 is not installed.")
    place = Shared(reader, name)
    recording = Recording(place)
    try:
        origin, first = origin_of(recording)
        facts = look(recording, origin, first, None)
    finally:
        recording.close()
    copied = purpose is Purpose.PLAYABLE and first is not None and may_copy(place)
    sink = _Sink(write)
    rewriting = Rewriting(place, origin, facts, _QUALITIES[purpose], told)
    try:
        with av.open(sink, "w", format="mp4", options=_FRAGMENTS) as target:
            rewriting.write(target, first, copied)
    except (av.error.FFmpegError, ValueError) as error:
        sink.tell_trouble()
        raise Damaged(
            f"“{name}” cannot be written anew: it is damaged ({error}). The original stays as it is."
        ) from error
    media_type = MEDIA_TYPE if facts.has_video else SOUND_MEDIA_TYPE
    return RenditionFacts(
        media_type,
        facts.duration_ms,
        *rewriting.size,
        frames_lost=rewriting.frames_lost,
        copied=copied,
        captions=rewriting.captions,
    )


class _Sink(io.RawIOBase):
    """Where FFmpeg writes; it turns what is raised within into its own errors, so that is kept."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        super().__init__()
        self._write = write
        self._trouble: BaseException | None = None

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def write(self, data: ReadableBuffer, /) -> int:
        piece = bytes(data)
        try:
            self._write(piece)
        except BaseException as trouble:
            self._trouble = trouble
            raise
        return len(piece)

    def tell_trouble(self) -> None:
        """Raise what the receiver raised, if it did."""
        if self._trouble is not None:
            raise self._trouble
