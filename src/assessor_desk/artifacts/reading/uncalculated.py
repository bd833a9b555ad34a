"""Cells of a workbook whose formula no program has calculated yet: they hold no value that could be shown."""

from __future__ import annotations

import io
import re

from lxml import etree

from assessor_desk.artifacts.reading.xml_package import XmlPackage

_SHEETS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BOOK = "xl/workbook.xml"

Place = tuple[int, int]
"""Row and column, counted from 1."""


def uncalculated(package: XmlPackage, most_rows: int) -> dict[str, frozenset[Place]]:
    """Such places by the title of their sheet, within so many rows of each."""
    tree, parts = package.tree_or_none(_BOOK), package.relations(_BOOK)
    found: dict[str, frozenset[Place]] = {}
    for sheet in () if tree is None else tree.iter(f"{_SHEETS}sheet"):
        part = parts.get(sheet.get(_RELATION, ""), "")
        if part in package.names:
            found[sheet.get("name", "")] = _places(package.data(part), most_rows)
    return found


def _places(data: bytes, most_rows: int) -> frozenset[Place]:
    """Cell by cell, so that a large sheet is never there as a tree."""
    places: set[Place] = set()
    if b"<f" not in data and b":f" not in data:
        return frozenset()
    cells = etree.iterparse(
        io.BytesIO(data), tag=f"{_SHEETS}c", resolve_entities=False, no_network=True, load_dtd=False
    )
    for _, cell in cells:
        place = _place(cell.get("r", ""))
        if place is not None and place[0] > most_rows:
            break
        if place is not None and cell.find(f"{_SHEETS}f") is not None and not cell.findtext(f"{_SHEETS}v"):
            places.add(place)
        cell.clear()
    return frozenset(places)


def _place(name: str) -> Place | None:
    """“C12” as row 12 and column 3."""
    said = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", name)
    if said is None:
        return None
    column = 0
    for letter in said[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(said[2]), column
