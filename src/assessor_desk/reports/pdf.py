"""Documents as PDF through typst: tagged, PDF/A-3a and PDF/UA-1 at once.

Data go in as JSON and are never evaluated; templates and fonts come with the program; nothing is written to disk.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

from assessor_desk.places import resources

from .content import RecordContent
from .letters import legible, printable

if TYPE_CHECKING:
    import typst


#: A compiler is kept for its fonts and what it has laid out before; it refuses a second caller meanwhile.
_one_at_a_time = Lock()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file embedded in a document as its data."""

    name: str
    media_type: str
    description: str
    content: bytes


def record_pdf(content: RecordContent, attachments: tuple[Attachment, ...] = ()) -> bytes:
    """The record as PDF. The same content gives the same bytes."""
    described = [
        {"name": a.name, "media_type": a.media_type, "description": a.description} for a in attachments
    ]
    inputs = {f"attachment-{a.name}": a.content.decode() for a in attachments}
    inputs["record"] = json.dumps({**asdict(printable(legible(content))), "attachments": described})
    return _compile("record.typ", inputs, datetime.fromisoformat(content.date))


def _compile(template: str, inputs: Mapping[str, str], at: datetime) -> bytes:
    with _one_at_a_time:
        compiled = _compiler(template).compile(
            format="pdf", sys_inputs=dict(inputs), pdf_standards=["a-3a", "ua-1"], timestamp=at
        )
    assert isinstance(compiled, bytes)
    return compiled


@cache
def _compiler(template: str) -> typst.Compiler:
    import typst

    folder = resources() / "reports"
    return typst.Compiler(folder / template, root=folder, font_paths=_fonts())


@cache
def _fonts() -> typst.Fonts:
    import typst

    return typst.Fonts(include_system_fonts=False, font_paths=[str(resources() / "fonts")])
