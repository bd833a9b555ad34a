"""A flow of blocks as PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from assessor_desk.domain.programme_look import SVG, Logo, ProgrammeLook

from .flow import Block, Flow, Run, line_goes_right_to_left
from .letters import legible, printable
from .typesetting import Attachment, typeset

PAPER_NAMES = {"letter": "us-letter", "a4": "a4"}


def flow_pdf(flow: Flow, attachments: Sequence[Attachment] = ()) -> bytes:
    """The document as tagged PDF/A-3a and PDF/UA-1. The same flow gives the same bytes."""
    shown = printable(legible(flow))
    data = {
        **{name: getattr(shown, name) for name in ("title", "keywords", "running", "foot", "programme")},
        "language": flow.own_language.partition("-")[0].lower(),
        **look_data(shown.look),
        "blocks": [_block(block) for block in shown.blocks],
    }
    return typeset("flow.typ", data, datetime.fromisoformat(flow.date), attachments)


def look_data(look: ProgrammeLook) -> dict[str, Any]:
    """What the templates take of a programme's look."""
    return {
        "accent": look.accent,
        "paper": PAPER_NAMES[look.paper],
        "logo": _logo(look.logo) if look.logo else None,
    }


def _logo(logo: Logo) -> dict[str, Any]:
    """SVG goes as text, PNG as its bytes' numbers: typst takes either, and nothing is written to disk."""
    drawn = logo.media_type == SVG
    return {
        "picture": logo.content.decode("utf-8") if drawn else list(logo.content),
        "format": "svg" if drawn else "png",
        "alternative": logo.alternative,
    }


def _block(block: Block) -> dict[str, Any]:
    said = {one.name: _plain(getattr(block, one.name)) for one in fields(block)}
    return {"kind": type(block).__name__, **said}


def _plain(thing: Any) -> Any:
    """Lines as their runs and the way they go; everything else as JSON has it."""
    if not isinstance(thing, tuple):
        return thing
    if thing and isinstance(thing[0], Run):
        return {"right_to_left": line_goes_right_to_left(thing), "runs": [asdict(run) for run in thing]}
    return [_plain(one) for one in thing]
