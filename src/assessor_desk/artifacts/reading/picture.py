"""Pictures through Pillow: upright as the camera meant them, and never larger than a limit in pixels."""

from __future__ import annotations

import struct
import warnings
from typing import Any, BinaryIO, cast

from PIL import Image, ImageOps, ImageSequence

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


class PictureReading:
    """An open picture. A file with several (a TIFF of scans) has them as frames, counted from 0."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._file = self._open()
        self._frames = int(getattr(self._file, "n_frames", 1))
        self._shown: tuple[int, Image.Image] = (-1, self._file)

    def facts(self) -> dict[str, Any]:
        """Pixels of the upright picture, and how many frames there are."""
        upright = self._upright(0)
        return {"width": upright.width, "height": upright.height, "frames": self._frames}

    def render(self, longest: int, rotation: int, frame: int) -> tuple[dict[str, Any], memoryview]:
        """The picture with its longer side at most `longest` pixels, turned clockwise."""
        picture = self._upright(frame)
        if max(picture.size) > longest:
            picture = picture.copy()
            picture.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2.0)
        turn = {
            90: Image.Transpose.ROTATE_270,
            180: Image.Transpose.ROTATE_180,
            270: Image.Transpose.ROTATE_90,
        }
        if rotation in turn:
            picture = picture.transpose(turn[rotation])
        data = picture.tobytes("raw", "BGRX")
        return {"width": picture.width, "height": picture.height, "stride": 4 * picture.width}, memoryview(
            data
        )

    def close(self) -> None:
        self._shown = (-1, self._file)
        self._file.close()
        self._source.close()

    def _open(self) -> Image.Image:
        name = self._source.name
        _know_heif()
        try:
            return Image.open(cast("BinaryIO", self._source))
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise too_large(name) from error
        except FAULTS as error:
            self._source.check()
            raise Damaged(
                f"“{name}” cannot be read as a picture: it is damaged or of a rare kind. Ask for it as JPEG "
                "or PNG, or hand it back as unreadable."
            ) from error

    def _upright(self, frame: int) -> Image.Image:
        if self._shown[0] != frame:
            self._shown = (frame, self._decode(frame))
        return self._shown[1]

    def _decode(self, frame: int) -> Image.Image:
        name = self._source.name
        try:
            if self._frames > 1:
                self._file.seek(frame)
            return on_white(ImageOps.exif_transpose(self._file))
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise too_large(name) from error
        except FAULTS as error:
            self._source.check()
            raise Damaged(
                f"“{name}” is damaged: the picture breaks off. Ask for a new copy, or hand it back as "
                "unreadable."
            ) from error


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
