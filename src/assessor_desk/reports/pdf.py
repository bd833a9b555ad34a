"""The record as PDF: tagged, archival, with the data it was made from attached."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from .content import RecordContent
from .letters import legible, printable
from .typesetting import Attachment, typeset

__all__ = ["Attachment", "record_pdf"]


def record_pdf(content: RecordContent, attachments: tuple[Attachment, ...] = ()) -> bytes:
    """The record as PDF. The same content gives the same bytes."""
    data = asdict(printable(legible(content)))
    return typeset("record.typ", data, datetime.fromisoformat(content.date), attachments)
