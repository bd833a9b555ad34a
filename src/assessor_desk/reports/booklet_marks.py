"""What is drawn into the pictures of an evidence booklet (reportlab): marks, levels of sound, places in a recording.

Drawn as SVG, so that it stays sharp over a picture however far one zooms in. Colour, shape and number say the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from assessor_desk.domain.anchor import Box
from assessor_desk.domain.anchor_signs import Shape, Sign

if TYPE_CHECKING:
    from reportlab.graphics.shapes import Drawing
    from reportlab.graphics.shapes import Shape as Drawn

_ACROSS = 1000.0
"""Units that a picture is wide: so strokes are as strong on every picture."""
_STROKE, _HALO = 4.0, 9.0
_RADIUS = 21.0
_QUIET, _GROUND, _WHITE = "#565C64", "#E8E4DB", "#FFFFFF"


def marks(width: int, height: int, boxes: Sequence[Box], sign: Sign, number: str, words: bool) -> str:
    """Marks over a picture of `width` × `height` pixels; without boxes all of it is framed. `words`: they are lines."""
    down = _ACROSS * height / width
    drawing = _drawing(_ACROSS, down)
    places = [_place(box, down) for box in boxes] or [(4.0, 4.0, _ACROSS - 8, down - 8)]
    for place in places:
        for part in _line(place, sign) if words and boxes else _frame(place, sign):
            drawing.add(part)
    left, bottom, _, up = places[0]
    radius = _RADIUS * (1 if down > 200 else 0.7)
    # Beside words it stands in the margin, where it hides none.
    x, y = (0.0, bottom + up / 2) if words and boxes else (left, bottom + up)
    for part in _badge(*_inside(x, y, radius, down), radius, sign, number):
        drawing.add(part)
    return _svg(drawing)


def levels(sound: bytes, start_ms: int, end_ms: int, cited: tuple[int, int], sign: Sign, number: str) -> str:
    """How loud a stretch of a recording is, with the part that is cited marked and the rest pale."""
    from reportlab.graphics.shapes import Rect

    high, middle = 170.0, 76.0
    drawing = _drawing(_ACROSS, high)
    scale = _ACROSS / max(1, end_ms - start_ms)
    first, last = ((at - start_ms) * scale for at in cited)
    last = max(last, first + 3)
    drawing.add(_filled(Rect(first, 4, last - first, 2 * middle - 8), sign.colour, 0.16))
    step = _ACROSS / len(sound)
    for place, level in enumerate(sound):
        x, tall = place * step, max(1.5, level / 255 * (middle - 10))
        colour = sign.colour if first - step < x < last else _QUIET
        drawing.add(_filled(Rect(x, middle - tall, max(step * 0.7, 0.8), 2 * tall), colour))
    for part in _badge(*_inside(first, high - 22, 17, high), 17, sign, number):
        drawing.add(part)
    return _svg(drawing)


def whereabouts(start_ms: int, end_ms: int, duration_ms: int, sign: Sign) -> str:
    """A bar as long as the recording, with the cited part on it."""
    from reportlab.graphics.shapes import Rect

    drawing = _drawing(_ACROSS, 14)
    drawing.add(_filled(Rect(0, 5, _ACROSS, 4, rx=2, ry=2), _GROUND))
    first = min(start_ms / max(1, duration_ms) * _ACROSS, _ACROSS - 5)
    length = max((end_ms - start_ms) / max(1, duration_ms) * _ACROSS, 5.0)
    drawing.add(_filled(Rect(first, 1, min(length, _ACROSS - first), 12, rx=2, ry=2), sign.colour))
    return _svg(drawing)


def badge(sign: Sign, number: str) -> str:
    """The sign alone, for the words beside a picture."""
    drawing = _drawing(2.4 * _RADIUS + _wide(number), 2.4 * _RADIUS)
    for part in _badge(drawing.width / 2, drawing.height / 2, _RADIUS, sign, number):
        drawing.add(part)
    return _svg(drawing)


def _place(box: Box, down: float) -> tuple[float, float, float, float]:
    """Left, bottom, width, height in drawing units, which count from the bottom."""
    width, height = box.width / 100 * _ACROSS, box.height / 100 * down
    return box.x / 100 * _ACROSS, down - box.y / 100 * down - height, width, height


def _inside(x: float, y: float, radius: float, down: float) -> tuple[float, float]:
    margin = radius + 3
    return min(max(x, margin), _ACROSS - margin), min(max(y, margin), down - margin)


def _frame(place: tuple[float, float, float, float], sign: Sign) -> Iterator[Drawn]:
    """A frame that shows on any ground: white around the colour."""
    from reportlab.graphics.shapes import Rect

    yield _outlined(Rect(*place, rx=3, ry=3), _WHITE, _HALO)
    yield _outlined(Rect(*place, rx=3, ry=3), sign.colour, _STROKE)


def _line(place: tuple[float, float, float, float], sign: Sign) -> Iterator[Drawn]:
    """A line of words: pale over the words, and underlined."""
    from reportlab.graphics.shapes import Rect

    left, bottom, width, height = place
    yield _filled(Rect(left - 2, bottom - 2, width + 4, height + 4, rx=2, ry=2), sign.colour, 0.22)
    yield _filled(Rect(left - 2, bottom - 4, width + 4, 3), sign.colour)


def _badge(x: float, y: float, radius: float, sign: Sign, number: str) -> Iterator[Drawn]:
    from reportlab.graphics.shapes import String

    size = radius * (1.2 if len(number) < 3 else 0.85)
    for grown, colour in ((radius + 3, _WHITE), (radius, sign.colour)):
        yield _filled(_shape(sign.shape, x, y, grown), colour)
    low = y - size * 0.36 - (radius * 0.16 if sign.shape is Shape.TRIANGLE else 0)
    yield String(
        x,
        low,
        number,
        fontName="Helvetica-Bold",
        fontSize=size,
        textAnchor="middle",
        fillColor=_colour(_WHITE),
    )


def _shape(shape: Shape, x: float, y: float, radius: float) -> Drawn:
    from reportlab.graphics.shapes import Circle, Rect

    match shape:
        case Shape.CIRCLE:
            return Circle(x, y, radius)
        case Shape.SQUARE:
            side = 1.8 * radius
            return Rect(x - side / 2, y - side / 2, side, side, rx=2, ry=2)
        case Shape.PILL:
            return Rect(
                x - 1.3 * radius,
                y - 0.85 * radius,
                2.6 * radius,
                1.7 * radius,
                rx=0.85 * radius,
                ry=0.85 * radius,
            )
        case Shape.DIAMOND:
            return _polygon(x, y, 1.28 * radius, 4, 90)
        case Shape.TRIANGLE:
            return _polygon(x, y, 1.5 * radius, 3, 90)
        case Shape.HEXAGON:
            return _polygon(x, y, 1.1 * radius, 6, 0)


def _polygon(x: float, y: float, radius: float, corners: int, turned: float) -> Drawn:
    from reportlab.graphics.shapes import Polygon

    angles = (math.radians(turned + 360 * corner / corners) for corner in range(corners))
    return Polygon([at for a in angles for at in (x + radius * math.cos(a), y + radius * math.sin(a))])


def _filled(drawn: Drawn, colour: str, opacity: float = 1.0) -> Drawn:
    drawn.fillColor, drawn.strokeColor = _colour(colour, opacity), None
    return drawn


def _outlined(drawn: Drawn, colour: str, width: float) -> Drawn:
    drawn.fillColor, drawn.strokeColor, drawn.strokeWidth = None, _colour(colour), width
    return drawn


def _wide(number: str) -> float:
    return max(0, len(number) - 2) * 6.0


def _colour(colour: str, opacity: float = 1.0) -> object:
    from reportlab.lib.colors import Color

    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return Color(red, green, blue, alpha=opacity)


def _drawing(width: float, height: float) -> Drawing:
    from reportlab.graphics.shapes import Drawing

    return Drawing(width, height)


def _svg(drawing: Drawing) -> str:
    """Numbers are set in the document's own face."""
    from reportlab.graphics import renderSVG

    drawn = str(renderSVG.drawToString(drawing))
    return drawn.replace("font-family: Helvetica-Bold", "font-family: Inter; font-weight: 600")
