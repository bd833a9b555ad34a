"""Whether a recording plays well as it is, or deserves a playable rendition beside it.

What is looked at: an index, without which each jump reads the file up to there; key frames, between which each picture
must be decoded on the way; how many pixels a second there are to decode; and in AVI whether H.264 or HEVC begins groups
of pictures late, since nothing there tells by how much (see `ordering`). Formats that are searched by halving
(MPEG-TS, MPEG-PS) need no index. Containers after the RIFF description and RFC 9559 (Matroska).
"""

from __future__ import annotations

import itertools
import struct
from typing import TYPE_CHECKING, BinaryIO

from assessor_desk.artifacts.media.ordering import lacks_times
from assessor_desk.artifacts.media.recording import Recording
from assessor_desk.artifacts.media.shared_file import Shared

if TYPE_CHECKING:
    from av.video.stream import VideoStream

MOST_PIXELS_A_SECOND = 2_560 * 1_440 * 31
"""What two cores decode in time, and some more: 1080p at 50, 1440p at 30; not 4K."""
LONGEST_KEY_GAP_SECONDS = 20
_KEYS_LOOKED_AT = 8
_SLICE, _IDR, _CLEAN_ACCESS = 1, 5, 21
_HEAD = 1024 * 1024
_SEGMENT, _CUES = b"\x18\x53\x80\x67", b"\x1c\x53\xbb\x6b"
_SEEK_TO_CUES = b"\x53\xab\x84" + _CUES + b"\x53\xac"


def hard_to_play(reader: BinaryIO, name: str) -> str:
    """A sentence on why it plays badly as it is; empty where it plays well, or where there are no pictures.

    Raises `Damaged` where it cannot be opened at all.
    """
    recording = Recording(Shared(reader, name))
    try:
        stream = recording.video
        if stream is None:
            return ""
        reason = (
            _lacks_index(recording, reader)
            or _far_apart(stream)
            or _too_much(stream)
            or _begins_late(recording, stream)
        )
        return f"“{name}” {reason}" if reason else ""
    finally:
        recording.close()


def _lacks_index(recording: Recording, reader: BinaryIO) -> str:
    kind = recording.container.format.name
    missing = (kind == "avi" and not _avi_index(reader)) or (
        kind.startswith("matroska") and not _matroska_index(reader)
    )
    return "has no index, so going to a moment is slow." if missing else ""


def _far_apart(stream: VideoStream) -> str:
    base, entries = stream.time_base, stream.index_entries
    if base is None or len(entries) < 2:
        return ""
    keys = [entry.timestamp for entry in entries if entry.is_keyframe]
    edges = [*keys, entries[len(entries) - 1].timestamp]
    longest = max((float((after - before) * base) for before, after in itertools.pairwise(edges)), default=0)
    if longest <= LONGEST_KEY_GAP_SECONDS:
        return ""
    return f"has a whole picture only every {longest:.0f} s, so going to a moment is slow."


def _too_much(stream: VideoStream) -> str:
    pace = float(stream.average_rate or stream.guessed_rate or 25)
    if stream.width * stream.height * pace <= MOST_PIXELS_A_SECOND:
        return ""
    return (
        f"is larger than most computers play in time ({stream.width} × {stream.height}, {pace:.0f} a second)."
    )


def _begins_late(recording: Recording, stream: VideoStream) -> str:
    """Key frames after the first are looked at, evenly chosen: encoders write all groups alike."""
    if not lacks_times(recording) or stream.time_base is None:
        return ""
    keys = [entry.timestamp for entry in stream.index_entries if entry.is_keyframe][1:]
    for timestamp in keys[:: max(1, len(keys) // _KEYS_LOOKED_AT)]:
        recording.container.seek(timestamp, stream=stream)
        packet = next(recording.container.demux(stream))
        if packet.is_keyframe and _is_open(bytes(packet), stream.codec_context.name == "hevc"):
            return "does not tell exactly when its pictures begin (AVI with open groups of pictures)."
    return ""


def _is_open(packet: bytes, hevc: bool) -> bool:
    """Whether pictures shown before this key frame may come after it: it is no IDR picture (H.264, 7.4.1.2.4).

    In HEVC a CRA picture tells so by its own type (H.265, table 7-1). Units begin after 0, 0, 1.
    """
    kinds = {unit[0] >> 1 & 0x3F if hevc else unit[0] & 0x1F for unit in packet.split(b"\0\0\1")[1:] if unit}
    return _CLEAN_ACCESS in kinds if hevc else _SLICE in kinds and _IDR not in kinds


def _avi_index(reader: BinaryIO) -> bool:
    """Whether the chunk "idx1" follows the pictures, or the head holds an index of OpenDML."""
    reader.seek(0)
    if b"indx" in reader.read(64 * 1024):
        return True
    at, size = 12, reader.seek(0, 2)
    while at + 8 <= size:
        reader.seek(at)
        name, length = struct.unpack("<4sI", reader.read(8))
        if name == b"idx1":
            return bool(length)
        at += 8 + length + length % 2
    return False


def _matroska_index(reader: BinaryIO) -> bool:
    """Whether the head says where the cues are, and they are there; or holds them itself."""
    reader.seek(0)
    head = reader.read(_HEAD)
    sought, segment = head.find(_SEEK_TO_CUES), head.find(_SEGMENT)
    if sought < 0 or segment < 0:
        return head.find(_CUES, max(0, segment)) >= 0
    after = sought + len(_SEEK_TO_CUES)
    length = head[after] & 0x7F
    start = segment + len(_SEGMENT) + _width(head[segment + len(_SEGMENT)])
    reader.seek(start + int.from_bytes(head[after + 1 : after + 1 + length], "big"))
    return reader.read(len(_CUES)) == _CUES


def _width(first: int) -> int:
    """How many bytes a number of EBML takes (RFC 8794, 4): one more than zeros before its first one."""
    return 9 - first.bit_length() if first else 8
