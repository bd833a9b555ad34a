"""Phrases as lines of a list: their words, and below them where they belong and how often they were taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from assessor_desk.domain.phrases import Phrase, Scope
from assessor_desk.domain.rubric import Rubric
from assessor_desk.gui import theme

PHRASE = Qt.ItemDataRole.UserRole
_ABOUT = Qt.ItemDataRole.UserRole + 1
_WRAPPED = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
_LINES_SHOWN = 3


class PhraseList(QListWidget):
    """Phrases, the best first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Phrases found")
        self.setItemDelegate(_PhraseLine(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)

    def show_phrases(self, phrases: Iterable[Phrase], rubrics: Mapping[str, Rubric]) -> None:
        """Show these, the first one chosen."""
        self.clear()
        for phrase in phrases:
            about = about_in_words(phrase, rubrics)
            line = QListWidgetItem(phrase.text)
            line.setData(PHRASE, phrase)
            line.setData(_ABOUT, about)
            line.setData(Qt.ItemDataRole.AccessibleTextRole, f"{phrase.text}, {about}")
            self.addItem(line)
        self.setCurrentRow(0)

    @property
    def chosen(self) -> Phrase | None:
        """The phrase chosen."""
        found = self.currentIndex().data(PHRASE)
        return found if isinstance(found, Phrase) else None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width wraps otherwise."""
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()


def about_in_words(phrase: Phrase, rubrics: Mapping[str, Rubric]) -> str:
    """Where a phrase belongs, whose it is, and how often it was taken."""
    whose = "programme" if phrase.scope is Scope.PROGRAMME else "yours"
    used = f"taken {phrase.used} time{'' if phrase.used == 1 else 's'}" if phrase.used else ""
    return " · ".join(filter(None, (tie_in_words(phrase, rubrics), whose, used)))


def tie_in_words(phrase: Phrase, rubrics: Mapping[str, Rubric]) -> str:
    """The criterion and level, or the rubric, that a phrase is tied to; `anywhere` for none."""
    if not phrase.rubric:
        return "anywhere"
    rubric = rubrics.get(phrase.rubric)
    criterion = next((one for one in rubric.criteria if one.id == phrase.criterion), None) if rubric else None
    if rubric is None:
        return f"another micro-credential, {phrase.criterion or phrase.rubric}"
    if criterion is None:
        return rubric.title
    level = next((one.title for one in criterion.levels if one.id == phrase.level), "")
    return f"{criterion.title}, {level}" if level else criterion.title


class _PhraseLine(QStyledItemDelegate):
    """Words over as many lines as they take, three at most; below them what they are about."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """As high as its words in the width of the list."""
        view = self.parent()
        width = view.viewport().width() if isinstance(view, QListWidget) else 400
        metrics = option.fontMetrics
        height = metrics.boundingRect(
            QRect(0, 0, width - 24, 4000), int(_WRAPPED), str(index.data())
        ).height()
        return QSize(100, min(height, _LINES_SHOWN * metrics.lineSpacing()) + metrics.height() + 16)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Ground, words, what they are about."""
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("soft"))
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 6, 6)
        inner = rect.adjusted(12, 6, -12, -6)
        small = QFont(option.font)
        small.setPixelSize(max(9, round(option.font.pixelSize() * 11 / 13)))
        metrics = QFontMetrics(small)
        words = inner.adjusted(0, 0, 0, -metrics.height() - 4)
        painter.setPen(theme.colour("text"))
        painter.setFont(option.font)
        painter.setClipRect(words)
        painter.drawText(words, int(_WRAPPED), str(index.data()))
        painter.setClipping(False)
        painter.setFont(small)
        painter.setPen(theme.colour("muted"))
        about = metrics.elidedText(str(index.data(_ABOUT)), Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, about)
        painter.restore()
