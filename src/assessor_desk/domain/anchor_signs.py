"""How anchors are marked, in the window and on paper: a colour and a shape for each criterion, and its number.

The colours are told apart by colour-blind people too (after Okabe and Ito, 2008); whoever sees none of them has the
shapes, and whoever sees neither the number.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Shape(StrEnum):
    """What stands around an anchor's number."""

    CIRCLE = "circle"
    SQUARE = "square"
    DIAMOND = "diamond"
    TRIANGLE = "triangle"
    HEXAGON = "hexagon"
    PILL = "pill"


@dataclass(frozen=True, slots=True)
class Sign:
    """A colour on light ground (as #RRGGBB) and a shape."""

    colour: str
    shape: Shape


SIGNS = (
    Sign("#0072B2", Shape.CIRCLE),
    Sign("#D55E00", Shape.SQUARE),
    Sign("#00855F", Shape.DIAMOND),
    Sign("#B0568F", Shape.TRIANGLE),
    Sign("#6B5BC2", Shape.HEXAGON),
    Sign("#7A6A00", Shape.PILL),
)
#: For an anchor that no criterion cites.
UNCITED = Sign("#565C64", Shape.CIRCLE)


def sign_of(criterion: int | None) -> Sign:
    """The sign of the criterion at this place in its rubric, from 0; after six they begin again. None: of no one's."""
    return UNCITED if criterion is None else SIGNS[criterion % len(SIGNS)]
