"""Whether a recording is whole: its containers' announced lengths, and what its last seconds hold.

Box structure after ISO/IEC 14496-12, chunks after the RIFF description, elements after RFC 8794 (EBML).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

import av
from av import VideoFrame

from assessor_desk.artifacts.media.recording import CONTAINER_OPTIONS, shown_size

_WHAT_TO_DO = "Ask for a new copy, or hand it back as unplayable."
_TAIL_SECONDS = 5.0
_UNKNOWN_LENGTH = 0xFFFF_FFFF
_EBML, _SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"


def recording_faults(reader: BinaryIO, name: str, facts: dict[str, Any]) -> list[str]:
    """Sentences on what is wrong; fills `facts` with seconds, codecs and pixels."""
    if _ends_early(reader):
        return [_cut_short(name)]
    reader.seek(0)
    try:
        with av.open(
            reader, mode="r", metadata_errors="replace", container_options=CONTAINER_OPTIONS
        ) as container:
            return _stream_faults(container, name, facts)
    except (av.FFmpegError, ValueError, OSError, IndexError) as error:
        reason = str(getattr(error, "strerror", None) or type(error).__name__)
        return [f"“{name}” cannot be played ({reason}): it is cut short or damaged. {_WHAT_TO_DO}"]


def _stream_faults(container: Any, name: str, facts: dict[str, Any]) -> list[str]:
    streams = [s for s in container.streams if s.type in ("video", "audio")]
    if not streams:
        return [f"“{name}” holds neither pictures nor sound. Ask for a new copy."]
    for stream in streams:
        if stream.codec_context is None:
            return [f"“{name}” uses a {stream.type} format that cannot be played here. Ask for an MP4."]
        facts.setdefault(f"{stream.type} codec", stream.codec_context.name)
    if container.duration:
        facts["seconds"] = round(container.duration / av.time_base, 1)
    if container.streams.video:
        first = container.streams.video[0]
        facts.update(width=first.width, height=first.height)
    shown = next(iter(container.decode(streams[0])), None)
    if shown is None:
        return [f"“{name}” holds no frame that can be shown. Ask for a new copy."]
    if isinstance(
        shown, VideoFrame
    ):  # as the viewer shows it: a phone held upright tells that by a turn alone
        facts["width"], facts["height"], _ = shown_size(shown)
    return _tail_faults(container, name, facts)


def _tail_faults(container: Any, name: str, facts: dict[str, Any]) -> list[str]:
    """The index may be whole while the frames it points to are missing."""
    seconds = facts.get("seconds", 0.0)
    if seconds <= 2 * _TAIL_SECONDS:
        return []
    container.seek(int((seconds - _TAIL_SECONDS) * av.time_base))
    last = max(
        (float(p.pts * p.time_base) for p in container.demux() if p.pts is not None and p.size), default=0.0
    )
    return [] if last >= seconds - 2 * _TAIL_SECONDS else [_cut_short(name)]


def _cut_short(name: str) -> str:
    return f"“{name}” is cut short: its end is missing. {_WHAT_TO_DO}"


def _ends_early(reader: BinaryIO) -> bool:
    size = reader.seek(0, 2)
    reader.seek(0)
    head = reader.read(64)
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip", b"pnot"):
        return any(end > size for end in _box_ends(reader, size))
    if head[:4] == b"RIFF":
        announced: int = struct.unpack("<I", head[4:8])[0]
        return size < announced < _UNKNOWN_LENGTH
    return head[:4] == _EBML and _segment_end(head) > size


def _segment_end(head: bytes) -> int:
    """Where a Matroska or WebM file says that its one segment ends; 0 where it does not say, as a live one."""
    length, after = _number(head, len(_EBML))
    start = after + length
    if head[start : start + len(_SEGMENT)] != _SEGMENT:
        return 0
    length, after = _number(head, start + len(_SEGMENT))
    unknown = (1 << 7 * (after - start - len(_SEGMENT))) - 1
    return 0 if length == unknown else after + length


def _number(head: bytes, at: int) -> tuple[int, int]:
    """A number of EBML and where it ends (RFC 8794, 4): its first one tells how many bytes it has."""
    width = 9 - head[at].bit_length() if at < len(head) and head[at] else 8
    marked = int.from_bytes(head[at : at + width], "big")
    return marked & ((1 << 7 * width) - 1), at + width


def _box_ends(reader: BinaryIO, size: int) -> Iterator[int]:
    """Where each top-level box says that it ends."""
    at = 0
    while at + 8 <= size:
        reader.seek(at)
        head = reader.read(16)
        length: int = struct.unpack(">I", head[:4])[0]
        if length == 1 and len(head) == 16:
            length = struct.unpack(">Q", head[8:])[0]
        if length < 8:  # 0 means "to the end of the file"; less than a header is no box
            return
        at += length
        yield at
