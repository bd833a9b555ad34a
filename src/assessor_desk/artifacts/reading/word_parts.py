"""What mammoth leaves out of a Word document, put where it can see it: equations, header and footer.

Equations (Office Math, ECMA-376 part 1, 22.1) become a line of text, as one would type them: ``3/4``,
``x^2``, ``√(x+1)``. Header and footer are given once, above and below.
"""

from __future__ import annotations

import html
import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import BinaryIO
from xml.parsers.expat import ExpatError

from lxml import etree

FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    etree.XMLSyntaxError,
    ExpatError,
    RecursionError,
    OSError,
    EOFError,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    RuntimeError,
    SyntaxError,
)
"""What a broken document makes the parsers raise."""

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_BODY = "word/document.xml"


@dataclass(frozen=True, slots=True)
class WordParts:
    """The document for mammoth, HTML to set above and below it, and notes for the reader."""

    document: BinaryIO
    header: str
    footer: str
    notes: list[str]


def prepared(reader: BinaryIO) -> WordParts:
    """Read the package, with equations in its body as text. Raises one of `FAULTS`."""
    reader.seek(0)
    with zipfile.ZipFile(reader) as package:
        root = _parsed(package.read(_BODY))
        equations = _spell_out_equations(root)
        header, footer = (_running_text(package, part) for part in ("header", "footer"))
        document = _with_body(package, etree.tostring(root)) if equations else reader
    reader.seek(0)
    notes = ["Equations are shown as a line of text."] if equations else []
    return WordParts(
        document,
        f"<p><em>{header}</em></p>" if header else "",
        f"<hr><p><em>{footer}</em></p>" if footer else "",
        notes,
    )


def _parsed(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(data, parser)


def _with_body(package: zipfile.ZipFile, body: bytes) -> BinaryIO:
    """The same package in memory with another body."""
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as target:
        for member in package.infolist():
            target.writestr(member.filename, body if member.filename == _BODY else package.read(member))
    copy.seek(0)
    return copy


def _running_text(package: zipfile.ZipFile, part: str) -> str:
    """The words of all different headers (or footers), one after the other."""
    found: list[str] = []
    for name in sorted(package.namelist()):
        if name.startswith(f"word/{part}") and name.endswith(".xml"):
            paragraphs = ("".join(p.itertext(f"{_W}t")) for p in _parsed(package.read(name)).iter(f"{_W}p"))
            words = " · ".join(each.strip() for each in paragraphs if each.strip())
            if words and words not in found:
                found.append(words)
    return html.escape(" · ".join(found))


def _spell_out_equations(root: etree._Element) -> int:
    """Replace each equation by a run of text; how many there were."""
    for paragraph in list(root.iter(f"{_M}oMathPara")):
        _lift_children(paragraph)
    equations = list(root.iter(f"{_M}oMath"))
    for equation in equations:
        run = etree.Element(f"{_W}r")
        text = etree.SubElement(run, f"{_W}t")
        text.text = f" {_line(equation)} "
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        parent = equation.getparent()
        if parent is not None:
            parent.replace(equation, run)
    return len(equations)


def _lift_children(paragraph: etree._Element) -> None:
    """Equations on a line of their own are wrapped once more, in an element that mammoth does not enter."""
    parent = paragraph.getparent()
    if parent is not None:
        for equation in paragraph.findall(f"{_M}oMath"):
            paragraph.addprevious(equation)
        parent.remove(paragraph)


def _line(element: etree._Element) -> str:
    """An equation as one would type it."""
    tag = str(element.tag).removeprefix(_M)
    if tag == "t":
        return element.text or ""
    if tag in _SHAPES:
        return _SHAPES[tag](element)
    return "".join(_line(child) for child in element if isinstance(child.tag, str))


def _part(element: etree._Element, name: str) -> str:
    found = element.find(f"{_M}{name}")
    return "" if found is None else "".join(_line(child) for child in found)


def _grouped(words: str) -> str:
    """In brackets unless it is a single number or name."""
    return words if words.isalnum() or not words else f"({words})"


def _fraction(element: etree._Element) -> str:
    return f"{_grouped(_part(element, 'num'))}/{_grouped(_part(element, 'den'))}"


def _root(element: etree._Element) -> str:
    degree = _part(element, "deg")
    sign = {"": "√", "3": "∛", "4": "∜"}.get(degree, f"root {degree} of ")
    return f"{sign}{_grouped(_part(element, 'e'))}"


def _raised(element: etree._Element) -> str:
    return f"{_grouped(_part(element, 'e'))}^{_grouped(_part(element, 'sup'))}"


def _lowered(element: etree._Element) -> str:
    return f"{_grouped(_part(element, 'e'))}_{_grouped(_part(element, 'sub'))}"


def _lowered_and_raised(element: etree._Element) -> str:
    return f"{_lowered(element)}^{_grouped(_part(element, 'sup'))}"


def _bracketed(element: etree._Element) -> str:
    inner = ", ".join("".join(map(_line, each)) for each in element.findall(f"{_M}e"))
    return f"({inner})"


def _summed(element: etree._Element) -> str:
    sign = element.find(f"{_M}naryPr/{_M}chr")
    symbol = "∫" if sign is None else sign.get(f"{_M}val", "∑")
    bounds = "".join(
        f"{mark}{_grouped(words)}"
        for mark, words in (("_", _part(element, "sub")), ("^", _part(element, "sup")))
        if words
    )
    return f"{symbol}{bounds} {_part(element, 'e')}"


_SHAPES = {
    "f": _fraction,
    "rad": _root,
    "sSup": _raised,
    "sSub": _lowered,
    "sSubSup": _lowered_and_raised,
    "d": _bracketed,
    "nary": _summed,
}
