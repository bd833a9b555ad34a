"""Texts that stand at one place of a sheet: one, or several where two devices wrote without seeing each other.

Each text names those that it replaces, so which stand follows from the texts alone, in whatever order they arrived.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from .text_fields import TextField

#: A text's field and its criterion, empty for the whole sheet.
Place = tuple[TextField, str]


@dataclass(frozen=True, slots=True)
class Wording:
    """One text, by the entry that wrote it; `device` says where, `at` when (aware UTC)."""

    entry_id: str
    text: str
    device: str
    at: datetime


def in_dispute(wordings: Sequence[Wording]) -> bool:
    """Whether texts of one place say different things."""
    return len({one.text for one in wordings}) > 1


def joined(wordings: Sequence[Wording]) -> str:
    """All of them in one text, each once, in their order."""
    return "\n\n".join(dict.fromkeys(one.text for one in wordings if one.text.strip()))
