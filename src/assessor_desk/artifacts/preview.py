"""One page of a document, or the frame that a recording shows at a time, as a PNG: what the viewer shows.

It needs no desk. Everything is read in the workers, as for the window. Documents of words have pages only where
LibreOffice lays them out.
"""

from __future__ import annotations

import os
import threading
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, cast

from assessor_desk.artifacts.documents import DocumentsClient, ImageHandle, PdfHandle
from assessor_desk.artifacts.kinds import Kind, Sniffed, sniff
from assessor_desk.artifacts.pages import Raster
from assessor_desk.domain.anchor import clock
from assessor_desk.domain.errors import Refused

SCALE = 2.0
"""Pixels a point of a page: 144 a inch."""

LARGEST_PICTURE = 4096
"""Pixels of the longer side."""


def preview_page(path: Path, number: int) -> bytes:
    """Page `number`, from 1, of a PDF or a picture file with several, or of a document as LibreOffice lays it out.

    Raises Refused for a file without pages and a page it does not have, and whatever opening it raises.
    """
    sniffed = _sniffed(path)
    if sniffed.kind in (Kind.VIDEO, Kind.AUDIO):
        raise Refused(
            f"“{path.name}” is a {sniffed.words} and has no pages. Say which moment, with --at SECONDS"
        )
    with DocumentsClient() as client:
        if sniffed.kind in (Kind.PDF, Kind.IMAGE):
            return _page_of(client, path, path.name, number)
        return _laid_out_page(client, path, sniffed, number)


def preview_moment(path: Path, seconds: float) -> bytes:
    """The frame that is shown at that second, counted from the first frame.

    Raises Refused for a file that is no video and for a moment beyond its end, and whatever opening it raises.
    """
    from assessor_desk.artifacts.citing_recordings import RecordingCiter
    from assessor_desk.artifacts.media import open_media
    from assessor_desk.domain.anchor import TimeSpan

    sniffed = _sniffed(path)
    if sniffed.kind not in (Kind.VIDEO, Kind.AUDIO):
        raise Refused(f"“{path.name}” is a {sniffed.words} and has no moments. Say which page, with --page N")
    with closing(open_media(path.absolute(), b"", path.name)) as handle:
        if not handle.facts["has_video"]:
            raise Refused(f"“{path.name}” holds sound alone: there is no picture to show")
        duration = int(handle.facts["duration_ms"])
        if seconds * 1000 > duration:
            raise Refused(
                f"“{path.name}” is {clock(duration)} long, so there is nothing at {seconds:g} seconds"
            )
        cited = RecordingCiter(handle, None).cite(TimeSpan(round(seconds * 1000)))
    if cited.picture is None:
        raise Refused(f"“{path.name}” shows nothing at {seconds:g} seconds")
    return as_png(cited.picture)


def _sniffed(path: Path) -> Sniffed:
    if not path.is_file():
        raise Refused(f"There is no file {path}. Check the name")
    with path.open("rb") as file:
        return sniff(cast("BinaryIO", file))


def _page_of(client: DocumentsClient, path: Path, name: str, number: int) -> bytes:
    with closing(client.open(path.absolute(), b"", name)) as handle:
        if isinstance(handle, PdfHandle):
            _require_page(name, number, handle.page_count)
            return as_png(handle.render(number - 1, SCALE))
        if isinstance(handle, ImageHandle):
            _require_page(name, number, handle.frame_count)
            return as_png(handle.render(LARGEST_PICTURE, frame=number - 1))
    raise Refused(f"“{name}” has no pages to show")


def _require_page(name: str, number: int, count: int) -> None:
    if not 1 <= number <= count:
        pages = "1 page" if count == 1 else f"{count} pages"
        raise Refused(f"“{name}” has {pages}, so there is no page {number}")


def _laid_out_page(client: DocumentsClient, path: Path, sniffed: Sniffed, number: int) -> bytes:
    """A page as LibreOffice lays it out, which the viewer offers too; its PDF stays in memory."""
    from assessor_desk.artifacts.laying_out import lay_out, office, way_of

    here = office()
    if way_of(sniffed) is None or here is None or not here.lays_out(sniffed):
        raise Refused(
            f"“{path.name}” is a {sniffed.words}: the viewer shows its words in one column, without pages. Preview a "
            "PDF, a picture or a recording, or install LibreOffice for Office documents"
        )
    document = lay_out(path.absolute(), b"", path.name, sniffed, threading.Event())
    descriptor = os.memfd_create("laid-out")  # type: ignore[attr-defined,unused-ignore]  # there is LibreOffice, so Linux
    with os.fdopen(descriptor, "wb") as memory:
        memory.write(document.pdf)
        memory.flush()
        return _page_of(client, Path(f"/proc/self/fd/{descriptor}"), path.name, number)


def as_png(raster: Raster) -> bytes:
    """The pixels as a PNG."""
    from PIL import Image

    pixels = cast("Any", memoryview(raster.data))
    image = Image.frombuffer("RGB", (raster.width, raster.height), pixels, "raw", "BGRX", raster.stride, 1)
    target = BytesIO()
    image.save(target, "PNG")
    return target.getvalue()
