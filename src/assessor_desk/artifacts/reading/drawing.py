"""SVG drawings, drawn in the worker by typst's renderer (usvg), at any size.

It runs no script and fetches nothing; beyond that, what could make it do either, refers to other files, or multiplies
itself without end is taken out or refused before it is handed over. Letters are those that come with the program.
"""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from PIL import Image

from assessor_desk import places
from assessor_desk.artifacts.reading.picture import TURNS, on_white, opaque_bytes
from assessor_desk.artifacts.reading.source import Source
from assessor_desk.domain.errors import Damaged, Refused

if TYPE_CHECKING:
    from lxml.etree import _Element

_REFERENCE = re.compile(r"^\s*#(\S+)|url\(\s*[\"']?#([^\s\"')]+)")
_DEEPEST = 50
_LARGEST_FILE = 16 * 1024 * 1024
_MOST_ELEMENTS = 200_000
_ORDINARY_SIZE = (300.0, 150.0)
"""CSS pixels of a drawing that tells no size (CSS Images 3, 4.1)."""

_LONGEST = 4_000.0
_AT_FIRST = 1024
_THINNEST = 0.002
"""The least proportion of one side to the other that is drawn."""

_UNITS = {
    "px": 1.0,
    "pt": 4 / 3,
    "pc": 16.0,
    "mm": 96 / 25.4,
    "cm": 96 / 2.54,
    "in": 96.0,
    "em": 16.0,
    "": 1.0,
}
_LEFT_OUT = {"script", "foreignObject", "iframe", "audio", "video", "handler", "listener"}
_PAGE = b"""#set page(width: auto, height: auto, margin: 0pt, fill: white)
#image(bytes(sys.inputs.drawing), format: "svg", width: float(sys.inputs.width) * 1pt,
  height: float(sys.inputs.height) * 1pt, fit: "stretch")"""


class DrawingReading:
    """An open drawing: one frame, sharp at every size."""

    def __init__(self, source: Source) -> None:
        self._source = source
        root = _parsed(source)
        self._size = _size(root)
        for side in ("width", "height"):
            if not _length(root.get(side)):
                root.attrib.pop(side, None)  # none and nonsense, which the renderer would refuse
        _take_out(root)
        if _expanded(root) > _MOST_ELEMENTS:
            raise Refused(f"“{source.name}” repeats itself too often to be drawn. Ask for it as PNG or PDF.")
        self._markup = _written(root)
        self._shown: tuple[int, Image.Image] | None = None

    def facts(self) -> dict[str, Any]:
        """Its size in CSS pixels. Raises Damaged for one that cannot be drawn."""
        self._at(_AT_FIRST)
        width, height = (max(1, round(side)) for side in self._size)
        return {"width": width, "height": height, "frames": 1, "animated": False, "sizes": []}

    def render(
        self, longest: int, rotation: int, frame: int, pencil: bool = False
    ) -> tuple[dict[str, Any], memoryview]:
        """The drawing with its longer side `longest` pixels, turned clockwise; it has no other frame and no pencil."""
        del frame, pencil
        picture = self._at(min(longest, round(_LONGEST)))
        if rotation in TURNS:
            picture = picture.transpose(TURNS[rotation])
        facts = {"width": picture.width, "height": picture.height, "stride": 4 * picture.width, "duration": 0}
        return facts, memoryview(opaque_bytes(picture))

    def close(self) -> None:
        self._source.close()

    def _at(self, longest: int) -> Image.Image:
        if self._shown is None or self._shown[0] != longest:
            self._shown = (longest, self._drawn(longest))
        return self._shown[1]

    def _drawn(self, longest: int) -> Image.Image:
        import typst

        width, height = self._size
        page = {"drawing": self._markup, "width": str(width), "height": str(height)}
        try:
            drawn = typst.compile(
                _PAGE,
                format="png",
                ppi=72 * longest / max(width, height),
                sys_inputs=page,
                font_paths=_fonts(),
            )
        except BaseException as error:
            # A panic of the renderer is no Exception; it leaves nothing behind that the next drawing would miss.
            if isinstance(error, typst.TypstError) or type(error).__name__ == "PanicException":
                raise _damaged(self._source.name) from error
            raise
        return on_white(Image.open(io.BytesIO(drawn)))


@functools.cache
def _fonts() -> Any:
    import typst

    return typst.Fonts(include_system_fonts=False, font_paths=[str(places.resources() / "fonts")])


def _damaged(name: str) -> Damaged:
    return Damaged(
        f"“{name}” cannot be drawn: it is damaged or no SVG. Ask for it as PNG or PDF, or hand it back as unreadable."
    )


def _parsed(source: Source) -> _Element:
    """Without its document type: entities are neither expanded nor fetched."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(source.whole(_LARGEST_FILE), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _damaged(source.name) from error
    if _name(root) != "svg":
        raise _damaged(source.name)
    return root


def _written(root: _Element) -> str:
    from lxml import etree

    etree.strip_tags(root, etree.Entity, etree.ProcessingInstruction)
    written: str = etree.tostring(root, encoding="unicode", with_tail=False)
    return written


def _name(element: _Element) -> str:
    """Without its name space; empty for what is no element."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _take_out(root: _Element) -> None:
    """Scripts, foreign content, and every reference but those within the drawing and to data in it."""
    for element in list(root.iter()):
        parent = element.getparent()
        elsewhere = [key for key, value in _references(element) if not value.startswith(("#", "data:image/"))]
        if parent is not None and (_name(element) in _LEFT_OUT or (elsewhere and _name(element) != "a")):
            parent.remove(element)
            continue
        for key in elsewhere:
            del element.attrib[key]
        for key in [key for key in element.attrib if str(key).lower().startswith("on")]:
            del element.attrib[key]


def _references(element: _Element) -> Iterator[tuple[str, str]]:
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] in ("href", "src"):
            yield str(key), str(value).strip()


def _expanded(root: _Element) -> int:
    """Elements there are once every reference within the drawing is replaced by what it refers to.

    What refers to itself counts once; so does what a style sheet refers to, for which the worker's time is the limit.
    """
    known = {str(element.get("id")): element for element in root.iter() if element.get("id")}
    counted: dict[str, int] = {}

    def count(element: _Element, within: frozenset[str]) -> int:
        total = 0
        for one in element.iter():
            total += 1
            for target in _targets(one):
                if target in known and target not in within and len(within) < _DEEPEST:
                    if target not in counted:
                        counted[target] = count(known[target], within | {target})
                    total += counted[target]
            if total > _MOST_ELEMENTS:
                break
        return total

    return count(root, frozenset())


def _targets(element: _Element) -> Iterator[str]:
    for value in element.attrib.values():
        for whole, part in _REFERENCE.findall(str(value)) if "#" in value else ():
            yield whole or part


def _size(root: _Element) -> tuple[float, float]:
    """Width and height in CSS pixels, from its attributes or its view box, within what can be drawn."""
    box = re.findall(r"[-+\d.eE]+", str(root.get("viewBox") or ""))
    try:
        inner = (abs(float(box[2])), abs(float(box[3]))) if len(box) == 4 else _ORDINARY_SIZE
    except ValueError:
        inner = _ORDINARY_SIZE
    inner = inner if min(inner) > 0 else _ORDINARY_SIZE
    width, height = (_length(root.get(side)) for side in ("width", "height"))
    if not width or not height:
        one = next((given / side for given, side in zip((width, height), inner, strict=True) if given), 1.0)
        width, height = inner[0] * one, inner[1] * one
    longest = max(width, height)
    scale = min(1.0, _LONGEST / longest) * max(1.0, 16.0 / longest)
    thinnest = _THINNEST * longest
    return max(width, thinnest) * scale, max(height, thinnest) * scale


def _length(value: Any) -> float | None:
    """CSS pixels; None for none, for a share of something unknown, and for nonsense."""
    found = re.fullmatch(r"\s*([\d.]+(?:[eE][-+]?\d+)?)\s*([a-z]*)\s*", str(value or ""))
    if not found or found[2] not in _UNITS:
        return None
    try:
        pixels = float(found[1]) * _UNITS[found[2]]
    except ValueError:
        return None
    return pixels if 0 < pixels < 1e7 else None
