"""A copy of an educator's file with a coach's notes in it, whichever of the kinds that can carry them it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO, cast

from assessor_desk.artifacts.annotating.markings import Annotated, from_pipe
from assessor_desk.artifacts.kinds import Kind, sniff
from assessor_desk.artifacts.reading.source import Source
from assessor_desk.domain.errors import Refused

LARGEST_FILE = 200_000_000
"""Bytes; a copy is made in memory alone."""


def annotated_copy(source: Source, markings: Sequence[Mapping[str, Any]], at: datetime) -> Annotated:
    """Read the file and write the notes in. Raises Refused for a kind that carries none, and what its writer raises."""
    sniffed = sniff(cast("BinaryIO", source))
    source.check()
    if sniffed.kind is Kind.PDF:
        from assessor_desk.artifacts.annotating.pdf import annotated_pdf as written
    elif sniffed.kind is Kind.WORD:
        from assessor_desk.artifacts.annotating.word import commented_docx as written
    else:
        raise Refused(
            f"Notes can be written into PDF and Word documents; “{source.name}” is a {sniffed.words}. Send the notes "
            "on it as documents"
        )
    return written(source.whole(LARGEST_FILE), source.name, from_pipe(markings), at)
