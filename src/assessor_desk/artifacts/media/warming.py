"""What a reader of recordings goes through once while it waits for its file, so that no first picture is the first.

Libraries load code, make tables and look up ciphers when they are first used, which takes about as long as a third of
the first picture. So a moment of nothing, made here, is sealed, opened, decoded and scaled as a recording would be.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO

import av
from av.video.frame import VideoFrame

from assessor_desk.artifacts.media.beginning import begin
from assessor_desk.artifacts.media.scaling import Scaler
from assessor_desk.artifacts.sealed_stream import new_key, seal

#: What classroom recordings are made with; each decoder makes its tables when first opened.
_DECODERS = ("h264", "hevc", "aac")
_SIDE = 64
_ORDINARY = (1920, 1080)
_LARGEST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Sample:
    """A recording of two pictures, in memory."""

    content: bytes
    name: str = "sample"

    def open(self) -> BinaryIO:
        return io.BytesIO(self.content)


def warm_up() -> None:
    """Open, decode and scale once; no file is touched and nothing is kept."""
    sample = _Sample(_written())
    seal(sample.open(), io.BytesIO(), new_key(), len(sample.content))
    for name in _DECODERS:
        av.CodecContext.create(name, "r").open()
    beginning = begin(sample)
    if beginning.begun is not None:
        beginning.begun.close()
    scaler = Scaler(beginning.facts, _LARGEST_BYTES)
    scaler.fit(_SIDE // 2, _SIDE // 2)
    scaler.pixels(VideoFrame(*_ORDINARY, "yuv420p"))


def _written() -> bytes:
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width = stream.height = _SIDE
        stream.pix_fmt = "yuv420p"
        for number in range(2):
            frame = VideoFrame(_SIDE, _SIDE, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target.getvalue()
