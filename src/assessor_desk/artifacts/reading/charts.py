"""Charts and diagrams of Office files by what they say (ECMA-376 part 1, 21.2 and 21.4)."""

from __future__ import annotations

import html

from lxml import etree

from assessor_desk.artifacts.reading import markup
from assessor_desk.artifacts.reading.word_names import A

_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_MOST_POINTS = 60


def chart_table(tree: etree._Element) -> str:
    """The figures a chart keeps, as a table: categories down, series across."""
    series = list(tree.iter(f"{_C}ser"))[:12]
    title = (
        "".join(tree.find(f".//{_C}title").itertext(f"{A}t"))
        if tree.find(f".//{_C}title") is not None
        else ""
    )
    caption = markup.paragraph(f"<i>Chart{': ' + html.escape(title) if title else ''}</i>")
    if not series:
        return caption
    names = [_joined(each.find(f"{_C}tx")) for each in series]
    labels = _points(series[0].find(f"{_C}cat"), series[0].find(f"{_C}xVal"))
    figures = [_points(each.find(f"{_C}val"), each.find(f"{_C}yVal")) for each in series]
    head = "".join(markup.cell(html.escape(name), "th") for name in ("", *names))
    count = min(_MOST_POINTS, max(map(len, figures), default=0))
    rows = [
        "".join(markup.cell(html.escape(_at(each, place))) for each in (labels, *figures))
        for place in range(count)
    ]
    return caption + markup.table([head, *rows], wide=False)


def _joined(element: etree._Element | None) -> str:
    return "" if element is None else " ".join(element.itertext(f"{_C}v"))


def _points(*places: etree._Element | None) -> list[str]:
    found = next((each for each in places if each is not None), None)
    if found is None:
        return []
    points = {int(p.get("idx", "0")): " ".join(p.itertext(f"{_C}v")) for p in found.iter(f"{_C}pt")}
    return [points.get(place, "") for place in range(min(_MOST_POINTS, max(points, default=-1) + 1))]


def _at(words: list[str], place: int) -> str:
    return words[place] if place < len(words) else ""


def diagram_list(tree: etree._Element) -> str:
    """The words in a diagram's shapes, in its own order."""
    points = ("".join(each.itertext(f"{A}t")).strip() for each in tree.iter(f"{_DGM}pt"))
    return "".join(
        markup.paragraph(markup.label("•") + html.escape(words), left=24, indent=-16, classes=("tight",))
        for words in points
        if words
    )
