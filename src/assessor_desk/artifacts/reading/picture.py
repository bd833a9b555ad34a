"""Pictures through Pillow: upright as the camera meant them, and never larger than a limit in pixels."""

from __future__ import annotations

import math
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from PIL import Image, ImageFilter, ImageOps, ImageSequence

from assessor_desk.artifacts.reading.deep_tiff import decoded, misread
from assessor_desk.artifacts.reading.source import Source
from assessor_desk.domain.errors import Damaged, Refused

LARGEST_PICTURE = 50_000_000
"""Pixels. Larger pictures are refused before they are decoded."""

Image.MAX_IMAGE_PIXELS = LARGEST_PICTURE
warnings.simplefilter("error", Image.DecompressionBombWarning)

FAULTS = (
    OSError,
    EOFError,
    ValueError,
    LookupError,
    ArithmeticError,
    TypeError,
    SyntaxError,
    RuntimeError,
    AttributeError,
    struct.error,
)
"""What Pillow's plugins raise for broken files, beside its own errors."""


TURNS = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}
"""How a picture is turned clockwise by so many degrees."""

_AT_FIRST = 1000
"""Pixels of the longer side that are decoded when a picture is opened: enough for most windows, and soon there."""

_MOVING = {"GIF", "WEBP", "PNG", "AVIF"}
_ONE_PICTURE = {"MPO"}
"""What follows the first picture of these is a preview or the depth, not another picture."""

_MOST_FRAMES = 2_000
_PAPER_PIXELS = 320
_PAPER_ITSELF = 0.96
"""Share of the brightest around at which paper counts as white, its grain included."""

_ORIENTATION = 0x0112
_ON_ITS_SIDE = {5, 6, 7, 8}


class PictureReading:
    """An open picture. A file with several (a TIFF of scans, a moving GIF) has them as frames, counted from 0.

    Nothing is decoded larger than it was asked for, where the format lets one choose (JPEG).
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._file = self._open()
        many = self._file.format not in _ONE_PICTURE
        self._frames = min(int(getattr(self._file, "n_frames", 1)), _MOST_FRAMES) if many else 1
        self._sizes: list[tuple[int, int]] = []
        self._shown: tuple[int, int, Image.Image] = (-1, 0, self._file)
        self._used = False
        self._full_size = self._file.size

    def facts(self) -> dict[str, Any]:
        """Pixels of the upright picture, how many frames there are, and their sizes where these may differ."""
        moving = self._frames > 1 and self._file.format in _MOVING
        if self._frames > 1 and not moving:
            self._sizes = [self._size_of(frame) for frame in range(self._frames)]
        width, height = self._sizes[0] if self._sizes else self._size_of(0)
        first = self._upright(0, _AT_FIRST)
        if not self._sizes and (first.width > first.height) != (width > height):
            width, height = height, width
        sizes = self._sizes if len(set(self._sizes)) > 1 else []
        return {"width": width, "height": height, "frames": self._frames, "animated": moving, "sizes": sizes}

    def render(
        self, longest: int, rotation: int, frame: int, pencil: bool = False
    ) -> tuple[dict[str, Any], memoryview]:
        """The picture with its longer side at most `longest` pixels, turned clockwise; `pencil` brings out strokes."""
        if not 0 <= frame < self._frames:
            raise Refused(f"“{self._source.name}” has {self._frames} pictures, no picture {frame + 1}.")
        picture = self._upright(frame, longest)
        if max(picture.size) > longest:
            picture = picture.copy()
            picture.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2.0)
        if pencil:
            picture = pencil_brought_out(picture)
        if rotation in TURNS:
            picture = picture.transpose(TURNS[rotation])
        data = opaque_bytes(picture)
        duration = int(self._file.info.get("duration", 0) or 0)
        facts = {"width": picture.width, "height": picture.height, "stride": 4 * picture.width}
        return {**facts, "duration": duration}, memoryview(data)

    def close(self) -> None:
        self._shown = (-1, 0, self._file)
        self._file.close()
        self._source.close()

    def _open(self) -> Image.Image:
        name = self._source.name
        _know_heif()
        self._source.seek(0)
        try:
            opened = Image.open(cast("BinaryIO", self._source))
            if not misread(opened):
                return opened
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise too_large(name) from error
        except FAULTS as error:
            self._source.check()
            return self._open_deep(error)
        return self._open_deep(None)

    def _open_deep(self, fault: Exception | None) -> Image.Image:
        """What Pillow cannot read, where it is a TIFF with more bits than usual."""
        try:
            picture = decoded(self._source, LARGEST_PICTURE)
        except FAULTS:
            picture = None
        if picture is not None:
            return picture
        self._source.check()
        raise Damaged(
            f"“{self._source.name}” cannot be read as a picture: it is damaged or of a rare kind. Ask for it as "
            "JPEG or PNG, or hand it back as unreadable."
        ) from fault

    def _size_of(self, frame: int) -> tuple[int, int]:
        """Upright, from what the file says of it; nothing is decoded."""
        with self._decoding():
            if self._frames > 1:
                self._file.seek(frame)
            width, height = self._file.size
            on_its_side = self._file.getexif().get(_ORIENTATION) in _ON_ITS_SIDE
        return (height, width) if on_its_side else (width, height)

    def _upright(self, frame: int, longest: int) -> Image.Image:
        """The frame with its longer side at least `longest` pixels, or as large as it is."""
        shown, decoded_for, picture = self._shown
        if shown != frame or decoded_for < longest:
            self._shown = (-1, 0, self._file)  # two large pictures are not kept at once
            picture = self._decode(frame, longest)
            whole = self._file.size == self._full_size
            self._shown = (frame, LARGEST_PICTURE if whole else longest, picture)
        return picture

    def _decode(self, frame: int, longest: int) -> Image.Image:
        with self._decoding():
            if self._frames > 1:
                self._file.seek(frame)
            elif self._used:
                self._file = self._open()
            self._used = True
            self._full_size = self._file.size
            width, height = self._file.size
            scale = min(1.0, longest / max(width, height, 1))
            self._file.draft("RGB", (math.ceil(width * scale), math.ceil(height * scale)))
            return on_white(ImageOps.exif_transpose(self._file))

    @contextmanager
    def _decoding(self) -> Iterator[None]:
        name = self._source.name
        try:
            yield
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise too_large(name) from error
        except FAULTS as error:
            self._source.check()
            raise Damaged(
                f"“{name}” is damaged: the picture breaks off. Ask for a new copy, or hand it back as "
                "unreadable."
            ) from error


def opaque_bytes(picture: Image.Image) -> bytes:
    """Four bytes a pixel: blue, green, red, 255. Qt takes the last for how opaque it is as marks are multiplied in."""
    return picture.convert("RGBA").tobytes("raw", "BGRA")


def pencil_brought_out(picture: Image.Image) -> Image.Image:
    """The light on the paper evened out, and faint strokes darker.

    Each pixel is divided by the paper around it, which is what is brightest there, and the quotient cubed: a stroke
    at 80 % of its paper comes to about half, the paper itself to white.
    """
    import numpy as np

    small = picture.copy()
    small.thumbnail((_PAPER_PIXELS, _PAPER_PIXELS), Image.Resampling.BOX)
    paper = small.filter(ImageFilter.MaxFilter(7)).filter(ImageFilter.GaussianBlur(6))
    light = np.maximum(
        np.asarray(paper.resize(picture.size, Image.Resampling.BICUBIC), dtype=np.float32), 1.0
    )
    share = np.asarray(picture, dtype=np.float32)
    share = np.minimum(share / (light * _PAPER_ITSELF), 1.0)
    return Image.fromarray((255 * share**3).astype(np.uint8), "RGB")


def too_large(name: str) -> Refused:
    """The refusal of a picture beyond `LARGEST_PICTURE`."""
    return Refused(
        f"“{name}” has more than {LARGEST_PICTURE // 10**6} million pixels and is not opened: it could be "
        "made to exhaust the memory. Ask for a smaller copy."
    )


def on_white(picture: Image.Image) -> Image.Image:
    """In colour and without transparency, as on paper."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        paper = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(paper, layered).convert("RGB")
    if picture.mode.startswith("I"):
        return _sixteen_bits(picture).convert("RGB")
    return picture.convert("RGB")


def first_frame(source: Source) -> Image.Image:
    """The first picture of a file, decoded; for pictures inside documents."""
    _know_heif()
    opened = Image.open(cast("BinaryIO", source))
    return on_white(ImageOps.exif_transpose(next(iter(ImageSequence.Iterator(opened)))))


def _sixteen_bits(picture: Image.Image) -> Image.Image:
    """Scans with 16 bits a pixel, which a plain conversion would clip to white."""
    return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")


def _know_heif() -> None:
    from pi_heif import register_heif_opener

    register_heif_opener()
