"""What is under way while an RTF document is read: a group's look, a paragraph's layout, a table's row."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from assessor_desk.artifacts.reading import markup
from assessor_desk.artifacts.reading.markup import Look
from assessor_desk.artifacts.reading.remarks import Remark

_PLAIN_POINTS = 12.0


@dataclass
class RtfDocument:
    """What was read: blocks of HTML in order, remarks, and what to say of it all."""

    blocks: list[str] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class Group:
    """What holds inside a pair of braces."""

    look: Look = field(default_factory=Look)
    into: str = "text"
    skip: int = 1
    encoding: str = "cp1252"
    change: str = ""
    nested: bool = False


@dataclass
class Lie:
    """How the paragraph under way lies."""

    align: str = ""
    left: int = 0
    indent: int = 0
    rtl: bool = False
    in_table: bool = False
    level: int = 0
    outline: int = 0


@dataclass
class Row:
    """The row of a table under way: where its cells end, their colours, what is merged, and their words."""

    ends: list[int] = field(default_factory=list)
    grounds: list[int] = field(default_factory=list)
    merges: list[str] = field(default_factory=list)
    ground: int = 0
    merge: str = ""
    header: bool = False


class Words:
    """The words of a paragraph; what is written in one look is kept together."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._look: tuple[Look, str] = (Look(), "")
        self._pieces: list[str] = []

    def say(self, piece: str, look: Look, change: str) -> None:
        """Add words in a look, put in or taken out by a tracked change."""
        if (look, change) != self._look:
            self._finish()
            self._look = look, change
        self._pieces.append(piece)

    def append(self, ready: str) -> None:
        """Add markup as it is."""
        self._finish()
        self._done.append(ready)

    def markup(self) -> str:
        self._finish()
        return "".join(self._done)

    def _finish(self) -> None:
        look, change = self._look
        dressed = look.dress("".join(self._pieces))
        self._pieces = []
        if dressed:
            changed = {"deleted": markup.deleted, "inserted": markup.inserted}.get(change)
            self._done.append(dressed if changed is None else changed(dressed))


def plain_points(data: bytes) -> float:
    """The size in which most of the document is written."""
    sizes = Counter(re.findall(rb"\\fs(\d{1,3})", data[:2_000_000]))
    return int(sizes.most_common(1)[0][0]) / 2 if sizes else _PLAIN_POINTS


def covered(rows: list[tuple[Row, list[str]]], place: int, end: int) -> int:
    """How many rows below are merged into a cell that ends there."""
    count = 0
    for row, _ in rows[place + 1 :]:
        which = next((n for n, each in enumerate(row.ends) if each == end), None)
        if which is None or row.merges[which] != "down":
            break
        count += 1
    return count
