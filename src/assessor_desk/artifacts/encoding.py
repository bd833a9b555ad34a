"""Pictures from the workers as files to be put into documents, in memory."""

from __future__ import annotations

import io

from assessor_desk.artifacts.pages import Raster

_JPEG_QUALITY = 84


def encoded(picture: Raster) -> tuple[bytes, str]:
    """As PNG or JPEG, whichever is smaller: drawn pages are smaller as the one, photographs as the other."""
    from PIL import Image

    size = (picture.width, picture.height)
    image = Image.frombuffer("RGB", size, bytes(picture.data), "raw", "BGRX", picture.stride, 1)
    photograph = _saved(image, "JPEG", quality=_JPEG_QUALITY)
    drawn = _saved(image, "PNG") if _few_colours(image) else photograph
    return (drawn, "png") if len(drawn) < len(photograph) else (photograph, "jpg")


def _few_colours(image: object) -> bool:
    """Whether PNG is worth trying: it takes long for photographs."""
    from PIL import Image

    assert isinstance(image, Image.Image)
    return image.resize((64, 64), Image.Resampling.NEAREST).getcolors(1200) is not None


def _saved(image: object, format_: str, **how: int) -> bytes:
    from PIL import Image

    assert isinstance(image, Image.Image)
    out = io.BytesIO()
    image.save(out, format_, **how)
    return out.getvalue()
