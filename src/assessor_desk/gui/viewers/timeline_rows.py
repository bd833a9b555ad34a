"""The rows of a timeline, from above: numbers of the marks, the waveform, the times."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF

from assessor_desk.gui.viewers.held_mark import span_of
from assessor_desk.gui.viewers.timeline_scale import Scale
from assessor_desk.gui.viewers.viewer import Mark

WAVE = 30
PIN = 7.0
_GAP = 2.0


def small_font(font: QFont, bold: bool = False) -> QFont:
    """The font of what is written on a timeline."""
    small = QFont(font)
    small.setPixelSize(max(9, round(QFontInfo(font).pixelSize() * 11 / 13)))
    small.setFeature(QFont.Tag("tnum"), 1)
    if bold:
        small.setWeight(QFont.Weight.DemiBold)
    return small


def height_for(font: QFont) -> int:
    """How high a timeline must be."""
    return round(2 * (QFontMetricsF(small_font(font)).height() + _GAP)) + WAVE


@dataclass(frozen=True, slots=True)
class Rows:
    """Where the rows are."""

    numbers: QRectF
    wave: QRectF
    times: QRectF

    @classmethod
    def of(cls, width: int, height: int, font: QFont) -> Rows:
        """The waveform takes what is left."""
        line = QFontMetricsF(small_font(font)).height() + _GAP
        return cls(
            QRectF(0, 0, width, line),
            QRectF(0, line, width, max(8.0, height - 2 * line)),
            QRectF(0, height - line, width, line),
        )

    def mark_rect(self, mark: Mark, scale: Scale, start_ms: int = -1, end_ms: int | None = None) -> QRectF:
        """Where a mark is painted: a box for a span, a pin for a moment; as it lies, or at other times."""
        if start_ms < 0:
            span = span_of(mark)
            start_ms, end_ms = span.start_ms, span.end_ms
        left = scale.x(start_ms)
        if end_ms is None:
            return QRectF(left - PIN / 2, self.wave.top(), PIN, self.wave.height())
        return QRectF(left, self.wave.top(), max(PIN, scale.x(end_ms) - left), self.wave.height())
