"""Renditions: a recording made smaller for bad networks, or playable where the original is not.

The original stays the evidence: anchors count from its first picture, and a rendition keeps that clock. In the ledger
a rendition stands beside its artifact under an id made from the artifact's, so that its bytes and key come, are kept
and go as any artifact's do.
"""

from __future__ import annotations

from enum import StrEnum

_MARK = "~"


class Shown(StrEnum):
    """What an assessor was shown of a recording or a document."""

    ORIGINAL = "original"
    SMALL = "small"
    """The source's small rendition, for bad networks."""
    PLAYABLE = "playable"
    """Made on this desk, since the original cannot be played reliably."""
    LAID_OUT = "laid_out"
    """A document in pages, as LibreOffice on this desk laid it out; anchors are its words all the same."""


def rendition_id(artifact_id: str, shown: Shown) -> str:
    """The ledger's id for a rendition of an artifact; the artifact's own for the original."""
    return artifact_id if shown is Shown.ORIGINAL else f"{artifact_id}{_MARK}{shown.value}"


def artifact_of(ledger_id: str) -> str:
    """The artifact that a line of the ledger belongs to."""
    return ledger_id.partition(_MARK)[0]


def is_rendition(ledger_id: str) -> bool:
    """Whether a line of the ledger is a rendition's."""
    return _MARK in ledger_id
