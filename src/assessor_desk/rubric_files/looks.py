"""A programme's look as people write it: YAML beside its logo, checked like rubrics and policies."""

from __future__ import annotations

import re
from functools import cache
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

from assessor_desk.domain.errors import Refused
from assessor_desk.domain.programme_look import PNG, SVG, Logo, ProgrammeLook
from assessor_desk.places import resources

from .written import Document, FaultyFile, checked

MOST_BYTES = 512 * 1024
MOST_PIXELS = 4_000_000
#: Of a drawing: units to a side, and width to height.
MOST_UNITS = 10_000
WIDEST = 8
#: What a drawing may not do: run something, or hold a page of another kind.
FORBIDDEN_ELEMENTS = ("script", "foreignObject", "iframe", "image", "use", "text", "style")


def load_look(path: Path) -> ProgrammeLook:
    """Read a programme's look and its logo.

    Raises FaultyFile naming file and line, or Refused when there is no such file.
    """
    document = checked(path, "look")
    data = document.data
    logo = _logo(document, path.parent) if "logo" in data else None
    try:
        return ProgrammeLook(
            str(data["programme"]),
            str(data["accent"]),
            logo,
            tuple(map(str, data.get("closing", ()))),
            str(data.get("paper", "letter")),
        )
    except Refused as error:
        raise FaultyFile([document.fault(("accent",), str(error))]) from error


def look_of(programme: str, own: Path | None = None) -> ProgrammeLook:
    """How a programme's documents look: by the file `own` where it is there, else its own among the looks that come
    with the program, else a plain one. Raises what `load_look` raises for a faulty `own`.
    """
    if own is not None and own.exists():
        return load_look(own)
    return _shipped().get(programme, ProgrammeLook(programme))


@cache
def _shipped() -> dict[str, ProgrammeLook]:
    looks = map(load_look, sorted((resources() / "looks").glob("*.yaml")))
    return {look.programme: look for look in looks}


def _logo(document: Document, folder: Path) -> Logo:
    described: Any = document.data["logo"]
    name, place = str(described["file"]), ("logo", "file")
    if PurePosixPath(name).name != name or "\\" in name:
        raise FaultyFile([document.fault(place, f"“{name}” must lie beside this file")])
    try:
        content = (folder / name).read_bytes()
        return Logo(content, _media_type(name, content), str(described["alternative"]))
    except OSError as error:
        raise FaultyFile([document.fault(place, f"there is no file “{name}” beside this one")]) from error
    except Refused as error:
        raise FaultyFile([document.fault(place, str(error))]) from error


def _media_type(name: str, content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise Refused(f"“{name}” is larger than {MOST_BYTES // 1024} KiB; a logo needs less")
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        _refuse_bad_png(name, content)
        return PNG
    _refuse_bad_svg(name, content)
    return SVG


def _refuse_bad_png(name: str, content: bytes) -> None:
    from PIL import Image

    try:
        with Image.open(BytesIO(content), formats=["PNG"]) as picture:
            pixels = picture.width * picture.height
            picture.verify()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Refused(f"“{name}” is damaged: it cannot be read as PNG") from error
    if pixels > MOST_PIXELS:
        raise Refused(f"“{name}” has more than {MOST_PIXELS // 1_000_000} million pixels; a logo needs fewer")


def _refuse_bad_svg(name: str, content: bytes) -> None:
    """A logo is shapes alone: nothing that runs, fetches, or needs a font that a reader may lack."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Refused(f"“{name}” is neither PNG nor SVG") from error
    if root.tag != "{http://www.w3.org/2000/svg}svg":
        raise Refused(f"“{name}” is neither PNG nor SVG")
    _refuse_odd_size(name, root)
    if root.getroottree().docinfo.doctype:
        raise Refused(f"“{name}” declares a document type; save it as plain SVG")
    for element in root.iter(etree.Element):
        _refuse_odd_element(name, element)


def _refuse_odd_size(name: str, root: Any) -> None:
    """Documents draw a logo at a height of their own; its size says how wide it then is."""
    try:
        _left, _top, width, height = map(float, root.get("viewBox", "").replace(",", " ").split())
    except ValueError as error:
        raise Refused(f"“{name}” needs a viewBox of four numbers, as most programs write it") from error
    if not (0 < width <= MOST_UNITS and 0 < height <= MOST_UNITS and width <= WIDEST * height):
        raise Refused(
            f"“{name}” is empty, over {MOST_UNITS} units large, or over {WIDEST} times as wide as high"
        )
    for side in ("width", "height"):
        if not re.fullmatch(r"\d{1,4}(\.\d+)?(px|pt)?", root.get(side, "1")):
            raise Refused(f"“{name}” must give its {side} in px, up to 9999, or not at all")


def _refuse_odd_element(name: str, element: Any) -> None:
    tag = element.tag.rpartition("}")[2]
    if tag in FORBIDDEN_ELEMENTS:
        raise Refused(f"“{name}” holds <{tag}>; a logo is made of shapes alone (turn text into paths)")
    for attribute, value in element.attrib.items():
        called = attribute.rpartition("}")[2].lower()
        refers = called == "href" and not value.startswith("#")
        if refers or called.startswith("on") or "url(" in value.replace("url(#", ""):
            raise Refused(f"“{name}” refers to something outside itself or runs something ({called})")
