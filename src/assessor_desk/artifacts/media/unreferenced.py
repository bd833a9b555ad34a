"""Pictures that no other refers to, told by their packets: on the way to a moment they are not decoded.

A decoder can skip them itself. Working on several threads it deals packets out in turn, though, and one that is skipped
takes the turn of one that is not: the other threads then wait.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.stream import VideoStream

_SLICE = 1
_HARMLESS = {6, 9, 12}
"""Units beside slices that nothing later needs (H.264, table 7-1): hints, delimiters, padding."""

Unreferenced = Callable[["Packet[VideoStream]"], bool]


def unreferenced_in(stream: VideoStream) -> Unreferenced:
    """How to tell in this stream; where only the decoder can, the answer is always no.

    That is H.264 with lengths before its units, as in MP4 and Matroska (ISO/IEC 14496-15, 5.3.3); `nal_ref_idc` is zero
    in pictures that no other refers to (H.264, 7.4.1). HEVC's "sub-layer non-reference" pictures may be referred to.
    """
    told = stream.codec_context.extradata or b""
    if stream.codec_context.name != "h264" or len(told) < 7 or told[0] != 1:
        return lambda _: False
    length = (told[4] & 3) + 1
    return lambda packet: _unreferenced(memoryview(packet), length)


def _unreferenced(units: memoryview, length: int) -> bool:
    at, slices = 0, 0
    while at + length < len(units):
        kind = units[at + length]
        if kind & 0x1F == _SLICE and not kind & 0x60:
            slices += 1
        elif kind & 0x1F not in _HARMLESS:
            return False
        at += length + int.from_bytes(units[at : at + length], "big")
    return slices > 0
