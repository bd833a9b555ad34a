"""How annotations look: content streams of their appearances (ISO 32000-2, 12.5.5), the same in every reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assessor_desk.artifacts.annotating.geometry import Point, Quad, around

AMBER = (0.97, 0.76, 0.22)
_INK = "0.45 0.30 0.02"
_FRAME_WIDTH = 1.5

Area = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Drawing:
    """An appearance: where it lies on the page, its own coordinates, and the operators that draw it."""

    area: Area
    box: Area
    operators: bytes
    blend: str = "/Normal"


def highlight_drawing(quads: Sequence[Quad]) -> Drawing:
    """Amber over the words, letting them show through."""
    area = around(quads, 1)
    shapes = "".join(f"{_path(quad)} f\n" for quad in quads)
    return Drawing(area, area, f"/G gs {_rgb(AMBER)} rg\n{shapes}".encode(), blend="/Multiply")


def frame_drawing(quad: Quad) -> Drawing:
    """A frame around a part of the page: amber on a darker line, so that it shows on any ground."""
    area = around([quad], _FRAME_WIDTH)
    dark = f"{_INK} RG {2 * _FRAME_WIDTH} w {_path(quad)} S\n"
    light = f"{_rgb(AMBER)} RG {_FRAME_WIDTH} w {_path(quad)} S\n"
    return Drawing(area, area, (dark + light).encode())


def note_drawing(corner: Point, side: float) -> Drawing:
    """A speech bubble with lines in it; readers keep it upright by its upper left corner, whatever turns the page."""
    x, y = corner
    bubble = (
        "2 7 m 2 17 l 2 18 3 19 4 19 c 16 19 l 17 19 18 18 18 17 c 18 7 l 18 6 17 5 16 5 c 9 5 l 5 1 l 5 5 l "
    )
    bubble += "4 5 l 3 5 2 6 2 7 c h B\n"
    lines = "5 15 m 15 15 l S 5 12 m 15 12 l S 5 9 m 11 9 l S\n"
    operators = f"{_rgb(AMBER)} rg {_INK} RG 1 w\n{bubble}{lines}"
    area = (x, round(y - side, 2), round(x + side, 2), y)
    return Drawing(area, (0.0, 0.0, side, side), operators.encode())


def _path(quad: Quad) -> str:
    upper_left, upper_right, lower_left, lower_right = quad
    first, *others = (upper_left, upper_right, lower_right, lower_left)
    lines = " ".join(f"{x} {y} l" for x, y in others)
    return f"{first[0]} {first[1]} m {lines} h"


def _rgb(colour: Sequence[float]) -> str:
    return " ".join(str(part) for part in colour)
