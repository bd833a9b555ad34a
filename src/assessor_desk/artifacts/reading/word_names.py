"""Names in Word's XML (ECMA-376 part 1, 17 and 20)."""

from __future__ import annotations

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
V = "{urn:schemas-microsoft-com:vml}"


def value(element: etree._Element | None, path: str) -> str | None:
    """The `w:val` of the element at `path` below `element`, None where there is none."""
    found = None if element is None else element.find(W + path.replace("/", f"/{W}"))
    return None if found is None else found.get(f"{W}val", "")


def switched(element: etree._Element | None, name: str) -> bool | None:
    """An on-off property; None where nothing is said."""
    found = value(element, name)
    return None if found is None else found not in ("0", "false", "off", "none")


def number(words: str | None) -> int:
    """A whole number as an attribute has it; 0 for none and for nonsense."""
    try:
        return int(float(words or 0))
    except (ValueError, OverflowError):
        return 0


def pixels(twips: str | None) -> int:
    """Twentieths of a point as pixels, 96 an inch."""
    return round(number(twips) / 15)
