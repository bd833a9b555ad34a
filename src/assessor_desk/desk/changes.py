"""What a call on the desk changed. Apart from the other answers, because every pane heeds it from the start."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What part of the desk a change concerns."""

    INBOX = "inbox"
    REVIEW = "review"
    LEDGER = "ledger"
    OUTBOX = "outbox"
    SETTINGS = "settings"
    PHRASES = "phrases"


@dataclass(frozen=True, slots=True)
class Changes:
    """What a call changed: ids of submissions, and the kinds of things that may now look different."""

    submissions: frozenset[str] = frozenset()
    kinds: frozenset[Kind] = frozenset()

    def __or__(self, other: Changes) -> Changes:
        """Both together."""
        return Changes(self.submissions | other.submissions, self.kinds | other.kinds)

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return bool(self.submissions or self.kinds)

    @classmethod
    def of(cls, *kinds: Kind, submission: str = "") -> Changes:
        """Changes of these kinds, to one submission or to none in particular."""
        return cls(frozenset({submission} - {""}), frozenset(kinds))
