"""Pictures from the workers as files to be put into documents, in memory."""

from __future__ import annotations

import io

from PIL import Image

from assessor_desk.artifacts.pages import Raster

_JPEG_QUALITY = 84
_SMALLEST = 320
"""Pixels of the longer side below which a picture is not made smaller."""


def encoded(picture: Raster, most: int) -> tuple[bytes, str]:
    """As PNG or JPEG, whichever is smaller: drawn pages are smaller as the one, photographs as the other.

    What takes more than `most` bytes is made smaller until it does not, or has few pixels left.
    """
    size = (picture.width, picture.height)
    image = Image.frombuffer("RGB", size, bytes(picture.data), "raw", "BGRX", picture.stride, 1)
    content, format_ = _smaller_of_both(image)
    while len(content) > most and max(image.size) > _SMALLEST:
        image = image.resize((max(1, image.width * 3 // 4), max(1, image.height * 3 // 4)))
        content, format_ = _smaller_of_both(image)
    return content, format_


def _smaller_of_both(image: Image.Image) -> tuple[bytes, str]:
    photograph = _saved(image, "JPEG", quality=_JPEG_QUALITY)
    drawn = _saved(image, "PNG") if _few_colours(image) else photograph
    return (drawn, "png") if len(drawn) < len(photograph) else (photograph, "jpg")


def _few_colours(image: Image.Image) -> bool:
    """Whether PNG is worth trying: it takes long for photographs."""
    return image.resize((64, 64), Image.Resampling.NEAREST).getcolors(1200) is not None


def _saved(image: Image.Image, format_: str, **how: int) -> bytes:
    out = io.BytesIO()
    image.save(out, format_, **how)
    return out.getvalue()
