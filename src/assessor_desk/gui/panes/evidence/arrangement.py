"""How the evidence pane is laid out, as it is kept from one day to the next. Nothing of a submission is in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

LIST_WIDTH = 240
_LEAST, _MOST = 10, 90
_WIDEST_LIST = 2000


@dataclass(frozen=True)
class Arrangement:
    """One half or two, the first with `share` of a hundred parts of the room; the list of anchors, and its pixels."""

    two: bool = False
    share: int = 50
    list_shown: bool = False
    list_width: int = LIST_WIDTH

    def written(self) -> str:
        """In one line, for the settings."""
        return f"{self.two:d} {self.share} {self.list_shown:d} {self.list_width}"

    @classmethod
    def read(cls, line: str) -> Self:
        """What `written` gave; for anything else the usual one, so that no line keeps the window from opening."""
        parts = line.split()
        if len(parts) != 4 or not all(part.isdecimal() and len(part) < 6 for part in parts):
            return cls()
        two, share, shown, width = map(int, parts)
        share = min(_MOST, max(_LEAST, share))
        return cls(bool(two), share, bool(shown), min(_WIDEST_LIST, width or LIST_WIDTH))
