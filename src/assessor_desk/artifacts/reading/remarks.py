"""What the educator wrote beside the text: comments of Word, annotations of OpenDocument and RTF.

Their writers are told by number, never by name: a review may be blind, and a name within a file is known to nobody
who could decide about it.
"""

from __future__ import annotations

from dataclasses import dataclass

THE_EDUCATOR = "the educator"


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark: its number in the text, who wrote it, and the words."""

    number: int
    writer: str
    words: str


class Writers:
    """Who wrote remarks, each known by a number."""

    def __init__(self) -> None:
        self._names: list[str] = []

    def known_as(self, name: str) -> str:
        """The number of a writer, as words."""
        if name not in self._names:
            self._names.append(name)
        return str(self._names.index(name) + 1)

    def told(self, known_as: str) -> str:
        """How a writer is called on screen: told apart only where there are several."""
        return THE_EDUCATOR if len(self._names) < 2 else f"writer {known_as} in the educator’s file"
