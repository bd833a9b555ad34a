"""Charts and diagrams by what they say (ECMA-376 part 1, 21.2 and 21.4; OpenDocument part 3, 11)."""

from __future__ import annotations

import html

from lxml import etree

from assessor_desk.artifacts.reading import markup
from assessor_desk.artifacts.reading.open_styles import OFFICE, TABLE, TEXT
from assessor_desk.artifacts.reading.word_names import A

_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_CHART = "{urn:oasis:names:tc:opendocument:xmlns:chart:1.0}"
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


def open_chart_table(tree: etree._Element) -> str | None:
    """The figures of an OpenDocument chart from the table that it keeps beside it; None where it is no chart."""
    chart = tree.find(f".//{_CHART}chart")
    if chart is None:
        return None
    title = " ".join("".join(each.itertext()).strip() for each in chart.findall(f"{_CHART}title"))
    caption = markup.paragraph(f"<i>Chart{': ' + html.escape(title) if title else ''}</i>")
    kept = chart.find(f"{TABLE}table")
    rows = [] if kept is None else list(kept.iter(f"{TABLE}table-row"))[: _MOST_POINTS + 1]
    lines = [[_said(each) for each in row.iter(f"{TABLE}table-cell")][:13] for row in rows]
    if not any(any(line) for line in lines):
        return caption
    head, *body = lines
    shown = ["".join(markup.cell(html.escape(words), "th") for words in head)]
    shown += ["".join(markup.cell(html.escape(words)) for words in line) for line in body]
    return caption + markup.table(shown, wide=False)


def _said(cell: etree._Element) -> str:
    """A cell of a chart's table as written, else its figure; what is no number there is left empty."""
    words = " ".join("".join(each.itertext()) for each in cell.iter(f"{TEXT}p"))
    figure = cell.get(f"{OFFICE}value", "")
    return "" if words == "NaN" or (not words and figure == "NaN") else words or figure


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
