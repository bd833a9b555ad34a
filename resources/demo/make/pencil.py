"""Pages that look written in pencil and photographed with a telephone: drawn with QPainter, aged with NumPy."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import numpy as np
from lettering import font
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

WIDTH, HEIGHT = 1180, 1540
PENCIL, GREEN_PEN = QColor(58, 60, 70), QColor(24, 120, 74)
#: Letters of some fonts are small for their size.
LARGER = {"round": 1.4, "delphine": 1.15, "capitals": 1.12}
Pixels = NDArray[np.float32]


class Page:
    """A sheet of paper on which one hand writes. Lines are `squared` or `lined`; `seed` makes the hand its own."""

    def __init__(self, hand: str, seed: int, ruling: str = "squared") -> None:
        self.hand = hand
        self.chance = random.Random(seed)
        self.seed = seed
        self.paper = _blank()
        self.writing = QImage(WIDTH, HEIGHT, QImage.Format.Format_ARGB32_Premultiplied)
        self.writing.fill(Qt.GlobalColor.transparent)
        self.painter = QPainter(self.writing)
        self.painter.setRenderHints(QPainter.RenderHint.Antialiasing)
        self.pen = PENCIL
        _rule(self.paper, ruling)

    def printed(self, x: float, y: float, size: float, words: str) -> None:
        """Words printed on the sheet before anyone wrote on it."""
        painter = QPainter(self.paper)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        painter.setPen(QColor(40, 42, 48))
        painter.setFont(font("print", size))
        painter.drawText(QPointF(x, y), words)
        painter.end()

    def say(self, x: float, y: float, size: float, words: str) -> None:
        """Write words by hand, each letter a little off its line."""
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(self.pen)
        letters = font(self.hand, size * LARGER.get(self.hand, 1.0))
        lean = self.chance.uniform(-0.012, 0.012)
        along = x
        for letter in words:
            path = QPainterPath()
            path.addText(0, 0, letters, letter)
            self.painter.save()
            self.painter.translate(along, y + (along - x) * lean + self.chance.gauss(0, size * 0.025))
            self.painter.rotate(self.chance.gauss(0, 1.6))
            self.painter.drawPath(path)
            self.painter.restore()
            along += _advance(letters, letter) * self.chance.uniform(0.97, 1.05)

    def line(self, x1: float, y1: float, x2: float, y2: float, thick: float = 3.0) -> None:
        """A line by hand: it wavers, and the pencil is not pressed the same throughout."""
        steps = max(6, round(math.dist((x1, y1), (x2, y2)) / 14))
        bow, before = self.chance.gauss(0, 2.2), QPointF(x1, y1)
        for step in range(1, steps + 1):
            share = step / steps
            swell = math.sin(share * math.pi) * bow
            across = math.atan2(y2 - y1, x2 - x1) + math.pi / 2
            here = QPointF(
                x1 + (x2 - x1) * share + math.cos(across) * swell + self.chance.gauss(0, 0.7),
                y1 + (y2 - y1) * share + math.sin(across) * swell + self.chance.gauss(0, 0.7),
            )
            self.painter.setPen(
                QPen(
                    self.pen,
                    thick * self.chance.uniform(0.75, 1.15),
                    Qt.PenStyle.SolidLine,
                    Qt.PenCapStyle.RoundCap,
                )
            )
            self.painter.drawLine(before, here)
            before = here

    def fraction(self, x: float, y: float, top: str, bottom: str, size: float) -> None:
        """A fraction with its bar at `y`."""
        self.say(x, y - size * 0.18, size, top)
        self.line(x - size * 0.1, y, x + size * 0.55, y, 2.6)
        self.say(x, y + size * 0.92, size, bottom)

    def bar(self, box: QRectF, cuts: list[float], labels: list[str], shaded: int) -> None:
        """A bar model with cuts at shares of its width, a label in each part, the first parts shaded."""
        edges = [0.0, *cuts, 1.0]
        for index in range(shaded):
            self._hatch(
                QRectF(
                    box.x() + edges[index] * box.width(),
                    box.y(),
                    (edges[index + 1] - edges[index]) * box.width(),
                    box.height(),
                )
            )
        for y in (box.y(), box.bottom()):
            self.line(box.x() - 4, y, box.right() + 5, y + self.chance.gauss(0, 2))
        for edge in edges:
            x = box.x() + edge * box.width()
            self.line(x, box.y() - 3, x + self.chance.gauss(0, 2), box.bottom() + 4)
        for left, right, label in zip(edges, edges[1:], labels, strict=False):
            middle = box.x() + (left + right) / 2 * box.width()
            self.say(middle - 13 * len(label), box.center().y() + 17, 46, label)

    def _hatch(self, box: QRectF) -> None:
        count = round(box.width() / 13)
        for step in range(count):
            x = box.x() + (step + 0.5) * box.width() / count
            self.line(x + 7, box.y() + 5, x - 7, box.bottom() - 5, 1.5)

    def crossed(self, x1: float, y1: float, x2: float, y2: float) -> None:
        """Cross something out."""
        self.line(x1, y1, x2, y2, 3.4)
        self.line(x1 + 4, y1 + 9, x2 - 3, y2 + 8, 3.0)

    @contextmanager
    def rubbed_out(self) -> Iterator[None]:
        """What is drawn inside was erased: only a trace is left."""
        self.pen = QColor(58, 60, 70, 62)
        yield
        self.pen = PENCIL

    @contextmanager
    def in_green(self, hand: str = "dkg") -> Iterator[None]:
        """What is written inside is the educator's note."""
        own, self.hand, self.pen = self.hand, hand, GREEN_PEN
        yield
        self.hand, self.pen = own, PENCIL

    def photographed(
        self, tilt: float, light: tuple[float, float], blur: float = 0.6, dark: float = 0.0
    ) -> Image.Image:
        """The page on a desk, tilted by some degrees, lit from a side; `dark` from 0 to 1 makes a bad photograph."""
        self.painter.end()
        grain = np.random.default_rng(self.seed)
        page = _inked(_array(self.paper)[..., :3], _array(self.writing), grain)
        return _photograph(page, tilt, light, blur, dark, grain)


def _advance(letters: object, letter: str) -> float:
    from PySide6.QtGui import QFont, QFontMetricsF

    assert isinstance(letters, QFont)
    return QFontMetricsF(letters).horizontalAdvance(letter)


def _blank() -> QImage:
    paper = QImage(WIDTH, HEIGHT, QImage.Format.Format_ARGB32_Premultiplied)
    paper.fill(QColor(250, 248, 241))
    return paper


def _rule(paper: QImage, ruling: str) -> None:
    painter = QPainter(paper)
    painter.setPen(QPen(QColor(176, 205, 224), 1.4))
    step = 38 if ruling == "squared" else 56
    for y in range(190, HEIGHT - 30, step):
        painter.drawLine(0, y, WIDTH, y)
    if ruling == "squared":
        for x in range(24, WIDTH, step):
            painter.drawLine(x, 190, x, HEIGHT)
    else:
        painter.setPen(QPen(QColor(226, 150, 150), 2))
        painter.drawLine(110, 0, 110, HEIGHT)
    painter.end()


def _array(image: QImage) -> Pixels:
    """Red, green, blue and alpha from 0 to 1; colours premultiplied."""
    rows = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.bytesPerLine())
    pixels = rows[:, : image.width() * 4].reshape(image.height(), image.width(), 4)
    return np.asarray(pixels[..., [2, 1, 0, 3]], dtype=np.float32) / np.float32(255)


def _inked(paper: Pixels, writing: Pixels, grain: np.random.Generator) -> Pixels:
    """Writing over paper, thinner where the paper's grain is low."""
    fine = grain.normal(0, 1, paper.shape[:2]).astype(np.float32)
    coarse = _soft(_soft(fine))
    pressed = np.clip(0.82 + coarse * 0.55, 0.35, 1.0)[..., None]
    alpha = writing[..., 3:] * pressed
    page = paper * (1 - alpha) + writing[..., :3] * pressed
    return np.asarray(page + (fine * 0.006)[..., None], dtype=np.float32)


def _soft(values: Pixels) -> Pixels:
    """Each value's mean with its four neighbours, the edges wrapped."""
    around = sum(np.roll(values, step, axis) for axis in (0, 1) for step in (-1, 1))
    return np.asarray((values + around) / 5, dtype=np.float32)


def _desk(width: int, height: int, grain: np.random.Generator) -> Pixels:
    """A wooden desk: long soft streaks."""
    streaks = grain.normal(0, 1, (height, width // 16)).astype(np.float32)
    wood = Image.fromarray(_soft(streaks)).resize((width, height), Image.Resampling.BICUBIC)
    tone = np.asarray(wood, dtype=np.float32)[..., None] * 0.05
    return np.asarray(np.array([0.55, 0.41, 0.29], dtype=np.float32) + tone, dtype=np.float32)


def _photograph(
    page: Pixels,
    tilt: float,
    light: tuple[float, float],
    blur: float,
    dark: float,
    grain: np.random.Generator,
) -> Image.Image:
    width, height = WIDTH + 110, HEIGHT + 110
    sheet = Image.fromarray((np.clip(page, 0, 1) * 255).astype(np.uint8)).convert("RGBA")
    turned = sheet.rotate(tilt, Image.Resampling.BICUBIC, expand=True)
    shadow = Image.new("RGBA", (width, height))
    place = ((width - turned.width) // 2, (height - turned.height) // 2)
    shadow.paste((0, 0, 0, 120), (place[0] + 12, place[1] + 14), turned.getchannel("A"))
    scene = Image.fromarray((np.clip(_desk(width, height, grain), 0, 1) * 255).astype(np.uint8)).convert(
        "RGBA"
    )
    scene.alpha_composite(shadow.filter(ImageFilter.GaussianBlur(10)))
    scene.alpha_composite(
        turned, (max(0, place[0]), max(0, place[1])), (max(0, -place[0]), max(0, -place[1]))
    )
    lit = np.asarray(scene.convert("RGB"), dtype=np.float32) / 255 * _light(width, height, light)[..., None]
    lit = lit * np.array([1.0, 0.985, 0.95], dtype=np.float32) * (1 - 0.78 * dark)
    lit += grain.normal(0, 0.008 + 0.05 * dark, lit.shape).astype(np.float32)
    photo = Image.fromarray((np.clip(lit, 0, 1) * 255).astype(np.uint8))
    return photo.filter(ImageFilter.GaussianBlur(blur))


def _light(width: int, height: int, towards: tuple[float, float]) -> Pixels:
    """Brighter towards one point (shares of width and height), with the shadow of a head at the other side."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    far = np.hypot(x / width - towards[0], (y / height - towards[1]) * 1.2)
    shade = np.hypot(x / width - (1.1 - towards[0]), (y / height - 1.05) * 0.8)
    return np.asarray(
        np.clip(1.06 - 0.24 * far**1.3 - 0.16 * np.exp(-((shade / 0.42) ** 2)), 0.3, 1.08), dtype=np.float32
    )


def jpeg(photo: Image.Image, quality: int = 74) -> bytes:
    """The photograph as JPEG without any metadata."""
    stream = BytesIO()
    photo.save(stream, "JPEG", quality=quality, optimize=True, progressive=True)
    return stream.getvalue()
