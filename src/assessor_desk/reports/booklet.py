"""An evidence booklet: the places that a review cites, so that a packet can be read without the evidence.

Marks are drawn over the pictures by reportlab (`booklet_marks`), pages are set by typst: tagged, with all bundled
scripts, as the record is (docs/decisions/0110). Nothing is written to disk.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from .letters import legible, printable
from .typesetting import typeset


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture (`png` or `jpg`) of so many pixels, the marks over it (SVG), and the words that stand for both."""

    content: bytes
    format: str
    width: int
    height: int
    marks: str
    alternative: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawing of its own (SVG), and the words that stand for it."""

    svg: str
    alternative: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words of the evidence with what stands around them; `remark` says where they are not just as they were."""

    before: str
    exact: str
    after: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class BookletPlace:
    """One place: where it is, what is seen there, which criteria cite it, and what can be shown of it.

    `badge` is the sign that marks it (SVG); `line` is empty where nobody said what is seen. `trouble` says why nothing
    can be shown.
    """

    number: int
    badge: str
    place: str
    line: str
    criteria: tuple[str, ...]
    facts: tuple[str, ...] = ()
    shown: Shown | None = None
    drawn: tuple[Drawn, ...] = ()
    quoted: Quoted | None = None
    heard: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class BookletContent:
    """A whole booklet. `date` is ISO 8601; `language` (BCP 47) is that of people's words."""

    title: str
    key: str
    date: str
    programme: str
    running: str
    foot: str
    micro_credential: str
    language: str
    lead: tuple[str, ...]
    details: tuple[tuple[str, str], ...]
    links: tuple[str, ...]
    places: tuple[BookletPlace, ...]


def booklet_pdf(content: BookletContent) -> bytes:
    """The booklet as tagged PDF/A-3a and PDF/UA-1. The same content gives the same bytes."""
    shown = printable(legible(content))
    data: dict[str, Any] = asdict(shown)
    data["language"] = content.language.partition("-")[0].lower()
    for place in data["places"]:
        if place["shown"] is not None:
            # Numbers of bytes: typst takes them as they are, and nothing is written to disk.
            place["shown"]["content"] = list(place["shown"]["content"])
    return typeset("booklet.typ", data, datetime.fromisoformat(content.date))
