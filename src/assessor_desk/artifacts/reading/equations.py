"""Equations as a line of text, as one would type them: ``3/4``, ``x^2``, ``√(x+1)``.

Office Math (ECMA-376 part 1, 22.1) and MathML (https://www.w3.org/TR/mathml-core/), which OpenDocument uses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lxml import etree

_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MATHML = "{http://www.w3.org/1998/Math/MathML}"


def line(element: etree._Element) -> str:
    """An Office equation as one would type it."""
    tag = str(element.tag).removeprefix(_M)
    if tag == "t":
        return element.text or ""
    if tag in _SHAPES:
        return _SHAPES[tag](element)
    return "".join(line(child) for child in element if isinstance(child.tag, str))


def _part(element: etree._Element, name: str) -> str:
    found = element.find(f"{_M}{name}")
    return "" if found is None else "".join(line(child) for child in found)


def _grouped(words: str) -> str:
    """In brackets unless it is a single number or name."""
    return words if words.isalnum() or not words else f"({words})"


def _fraction(element: etree._Element) -> str:
    return f"{_grouped(_part(element, 'num'))}/{_grouped(_part(element, 'den'))}"


def _root(element: etree._Element) -> str:
    return _root_of(_part(element, "deg"), _part(element, "e"))


def _root_of(degree: str, inner: str) -> str:
    sign = {"": "√", "2": "√", "3": "∛", "4": "∜"}.get(degree, f"root {degree} of ")
    return f"{sign}{_grouped(inner)}"


def _raised(element: etree._Element) -> str:
    return f"{_grouped(_part(element, 'e'))}^{_grouped(_part(element, 'sup'))}"


def _lowered(element: etree._Element) -> str:
    return f"{_grouped(_part(element, 'e'))}_{_grouped(_part(element, 'sub'))}"


def _lowered_and_raised(element: etree._Element) -> str:
    return f"{_lowered(element)}^{_grouped(_part(element, 'sup'))}"


def _bracketed(element: etree._Element) -> str:
    inner = ", ".join("".join(map(line, each)) for each in element.findall(f"{_M}e"))
    return f"({inner})"


def _rows(element: etree._Element) -> str:
    rows = ("  ".join(line(cell) for cell in row.findall(f"{_M}e")) for row in element.findall(f"{_M}mr"))
    return f"[{'; '.join(rows)}]"


def _stacked(element: etree._Element) -> str:
    return "; ".join(line(each) for each in element.findall(f"{_M}e"))


def _summed(element: etree._Element) -> str:
    sign = element.find(f"{_M}naryPr/{_M}chr")
    symbol = "∫" if sign is None else sign.get(f"{_M}val", "∑")
    bounds = "".join(
        f"{mark}{_grouped(words)}"
        for mark, words in (("_", _part(element, "sub")), ("^", _part(element, "sup")))
        if words
    )
    return f"{symbol}{bounds} {_part(element, 'e')}"


_SHAPES: dict[str, Callable[[etree._Element], str]] = {
    "f": _fraction,
    "rad": _root,
    "sSup": _raised,
    "sSub": _lowered,
    "sSubSup": _lowered_and_raised,
    "d": _bracketed,
    "nary": _summed,
    "m": _rows,
    "eqArr": _stacked,
}


def mathml_line(element: etree._Element) -> str:
    """A MathML equation as one would type it; its annotations are left out."""
    tag = str(element.tag).removeprefix(_MATHML)
    if tag in ("annotation", "annotation-xml"):
        return ""
    parts = [mathml_line(child) for child in element if isinstance(child.tag, str)]
    shape = _MATHML_SHAPES.get(tag)
    if shape is not None and len(parts) >= shape[0]:
        return shape[1](parts)
    return "".join(parts) if parts else (element.text or "").strip()


_Shape = tuple[int, Callable[[Sequence[str]], str]]
_MATHML_SHAPES: dict[str, _Shape] = {
    "mfrac": (2, lambda p: f"{_grouped(p[0])}/{_grouped(p[1])}"),
    "msup": (2, lambda p: f"{_grouped(p[0])}^{_grouped(p[1])}"),
    "msub": (2, lambda p: f"{_grouped(p[0])}_{_grouped(p[1])}"),
    "msubsup": (3, lambda p: f"{_grouped(p[0])}_{_grouped(p[1])}^{_grouped(p[2])}"),
    "munderover": (3, lambda p: f"{p[0]}_{_grouped(p[1])}^{_grouped(p[2])} "),
    "msqrt": (1, lambda p: _root_of("", "".join(p))),
    "mroot": (2, lambda p: _root_of(p[1], p[0])),
    "mtr": (1, "  ".join),
    "mtable": (1, "; ".join),
}
