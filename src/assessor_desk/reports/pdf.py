"""The record as PDF: tagged, archival, with the data it was made from attached."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime

from assessor_desk.domain.programme_look import ProgrammeLook

from .content import RecordContent
from .flow_pdf import look_data
from .letters import legible, printable
from .typesetting import Attachment, typeset

__all__ = ["Attachment", "record_pdf"]


def record_pdf(content: RecordContent, attachments: tuple[Attachment, ...] = ()) -> bytes:
    """The record as PDF. The same content gives the same bytes."""
    shown = printable(legible(content))
    data = {**asdict(replace(shown, look=ProgrammeLook(""))), "look": look_data(shown.look)}
    return typeset("record.typ", data, datetime.fromisoformat(content.date), attachments)
