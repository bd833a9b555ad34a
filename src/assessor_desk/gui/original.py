"""How far the original is of a recording of which a small copy is seen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Stage(Enum):
    """How far the original is of a recording whose small copy is seen."""

    LATER = auto()
    """Nobody asked for it."""
    WAITING = auto()
    """It comes with the next round."""
    COMING = auto()
    HERE = auto()


@dataclass(frozen=True)
class Standing:
    """How far an original is, in bytes."""

    stage: Stage
    here: int = 0
    of: int = 0
