"""TIFF files with more than eight bits a colour that Pillow misreads or does not know, through FFmpeg's decoder.

Pillow 13 takes planes of 16 bits for planes of eight, and shows stripes; it knows no grey of 16 bits with transparency
and no floating point in colour. FFmpeg decodes strips of these, of the first picture; tiles it leaves black.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from assessor_desk.domain.errors import Refused

if TYPE_CHECKING:
    from assessor_desk.artifacts.reading.source import Source

_WIDTH, _HEIGHT, _BITS, _PLANES, _TILE_WIDTH, _ORIENTATION = 256, 257, 258, 284, 322, 274
_HEADS = (b"II*\0", b"MM\0*")
_SEPARATE = 2


def misread(opened: Image.Image) -> bool:
    """Whether Pillow takes the planes of this picture for others."""
    tags = getattr(opened, "tag_v2", {})
    return tags.get(_PLANES) == _SEPARATE and max(tags.get(_BITS, (8,))) > 8


def decoded(source: Source, most: int) -> Image.Image | None:
    """The only picture of a TIFF file, in colour with eight bits; None for anything that cannot be read so.

    Raises Refused beyond `most` pixels, before anything is decoded.
    """
    tags = _tags(source)
    if tags is None or tags.next or _TILE_WIDTH in tags:
        return None
    width, height = tags.get(_WIDTH, 0), tags.get(_HEIGHT, 0)
    if not isinstance(width, int) or not isinstance(height, int) or width * height > most:
        raise Refused(f"“{source.name}” has too many pixels to be opened. Ask for a smaller copy.")
    picture = _decoded(source)
    if picture is not None and picture.size == (width, height):
        picture.getexif()[_ORIENTATION] = tags.get(_ORIENTATION, 1)
        return picture
    return None


def _tags(source: Source) -> ImageFileDirectory_v2 | None:
    """What the file says of its first picture; `next` is where it tells of another."""
    source.seek(0)
    head = source.read(8)
    if head[:4] not in _HEADS:
        return None
    tags = ImageFileDirectory_v2(head)
    source.seek(tags.next)
    tags.load(source)  # type: ignore[arg-type]
    return tags


def _decoded(source: BinaryIO | Source) -> Image.Image | None:
    import av

    source.seek(0)
    try:
        with av.open(source, "r", format="tiff_pipe") as container:
            frame = next(container.decode(video=0), None)
            return Image.fromarray(frame.to_ndarray(format="rgb24")) if frame is not None else None
    except (av.FFmpegError, ValueError):
        return None
