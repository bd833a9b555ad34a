"""A criterion's levels to read, side by side. Nothing here can be chosen: help on a draft is no assessment."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from assessor_desk.domain.rubric import Criterion, PerformanceLevel
from assessor_desk.gui import theme


class LevelReader(QWidget):
    """The levels, lowest first, each with its descriptor; the passing one is named in words."""

    def __init__(self, criterion: Criterion, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(1)
        for level in criterion.levels:
            row.addWidget(self._column(level, passing=level.id == criterion.passing), 1)
        said = (f"{level.title}: {level.descriptor}" for level in criterion.levels)
        self.setAccessibleName("The levels of this criterion, to read")
        self.setAccessibleDescription(" ".join(said))

    def _column(self, level: PerformanceLevel, *, passing: bool) -> QWidget:
        held = QWidget(self)
        held.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.MinimumExpanding)
        column = QVBoxLayout(held)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(4)
        column.addWidget(_label(level.title, "levelTitle", held))
        if passing:
            column.addWidget(_label("the passing level", "fieldLabel", held))
        column.addWidget(_label(level.descriptor, "levelDescriptor", held), 1)
        return held

    def paintEvent(self, _event: QPaintEvent) -> None:
        """One quiet frame, hairlines between the levels."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("hair"), 1))
        painter.setBrush(theme.colour("sunken"))
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(frame, 4, 4)
        row = self.layout()
        for index in range(1, row.count() if row else 0):
            held = row.itemAt(index) if row else None
            if held is not None:
                x = held.geometry().left() - 0.5
                painter.drawLine(QPointF(x, 1), QPointF(x, self.height() - 1))


def _label(words: str, name: str, parent: QWidget) -> QLabel:
    label = QLabel(words, parent)
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    return label
