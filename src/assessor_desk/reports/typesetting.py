"""Documents as PDF through typst: tagged, PDF/A-3a and PDF/UA-1 at once.

Data go in as JSON and are never evaluated; templates and fonts come with the program; nothing is written to disk.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from assessor_desk.places import resources

if TYPE_CHECKING:
    import typst

#: A compiler is kept for its fonts and what it has laid out before; it refuses a second caller meanwhile.
_one_at_a_time = Lock()
PICTURE_PPI = 300.0


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file embedded in a document as its data."""

    name: str
    media_type: str
    description: str
    content: bytes


def typeset(
    template: str, data: Mapping[str, Any], at: datetime, attachments: Sequence[Attachment] = ()
) -> bytes:
    """A template of `resources/reports` with its data as PDF, dated `at`. The same input gives the same bytes.

    The template finds the data in `sys.inputs.data`, and in them `attachments`, whose bytes are `attachment-<name>`.
    """
    described = [
        {"name": a.name, "media_type": a.media_type, "description": a.description} for a in attachments
    ]
    inputs = {f"attachment-{a.name}": a.content.decode() for a in attachments}
    inputs["data"] = json.dumps({**data, "attachments": described})
    with _one_at_a_time:
        compiled = _compiler(template).compile(
            format="pdf", sys_inputs=inputs, pdf_standards=["a-3a", "ua-1"], timestamp=at
        )
    assert isinstance(compiled, bytes)
    return compiled


def svg_of(template: str, data: str) -> str:
    """A template of one page with its data (JSON) as SVG; letters are outlines, so that it needs no font."""
    with _one_at_a_time:
        drawn = _compiler(template).compile(format="svg", sys_inputs={"data": data})
    assert isinstance(drawn, bytes)
    return drawn.decode("utf-8")


@cache
def drawing_as_png(svg: str, height: float | None = None) -> bytes:
    """An SVG as PNG, for documents that know no SVG; in its own size, or `height` points high."""
    inputs = {"drawing": svg} if height is None else {"drawing": svg, "height": str(height)}
    with _one_at_a_time:
        drawn = _compiler("picture.typ").compile(format="png", ppi=PICTURE_PPI, sys_inputs=inputs)
    assert isinstance(drawn, bytes)
    return drawn


@cache
def _compiler(template: str) -> typst.Compiler:
    import typst

    folder = resources() / "reports"
    return typst.Compiler(folder / template, root=folder, font_paths=_fonts())


@cache
def _fonts() -> typst.Fonts:
    import typst

    return typst.Fonts(include_system_fonts=False, font_paths=[str(resources() / "fonts")])
