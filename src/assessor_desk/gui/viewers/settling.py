"""What a document of words is given before it is laid out: pictures, air in tables, distances between lines.

Each of these changes would lay out all that follows it once more, if the document were in a pane already.
"""

from __future__ import annotations

import re

from PySide6.QtCore import QByteArray, QUrl
from PySide6.QtGui import (
    QImage,
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)

from assessor_desk.gui.viewers.shown_words import hanging, pieces, tables_in

_PICTURE_DATA = re.compile(r'src="data:image/(?:png|jpeg);base64,([A-Za-z0-9+/=]*)"')
_ELSEWHERE = re.compile(r'<img\b(?![^>]*\bsrc="picture:\d)[^>]*>', re.IGNORECASE)
_PICTURE_CHARACTER = "\ufffc"
_PICTURE = QTextDocument.ResourceType.ImageResource.value


class ClosedDocument(QTextDocument):
    """Loads nothing from anywhere: its pictures are handed to it."""

    def loadResource(self, _kind: int, _name: QUrl | str) -> object:
        """Empty bytes, since Qt takes None for leave to load the file itself."""
        return QByteArray()


def with_pictures(document: QTextDocument, markup: str) -> str:
    """Hand the pictures to the document, and name them in place of their data.

    Others are left out: what the document does not load, Qt's painter of pictures would.
    """

    def named(found: re.Match[str]) -> str:
        address = f"picture:{found.start()}"
        data = QByteArray.fromBase64(QByteArray(found.group(1).encode()))
        document.addResource(_PICTURE, QUrl(address), QImage.fromData(data))
        return f'src="{address}"'

    return _ELSEWHERE.sub("", _PICTURE_DATA.sub(named, markup))


def find_pictures(document: QTextDocument) -> list[tuple[QTextCursor, float]]:
    """Where pictures stand, and how wide each is meant to be."""
    found: list[tuple[QTextCursor, float]] = []
    place = document.find(_PICTURE_CHARACTER, 0)
    while not place.isNull():
        shown = place.charFormat().toImageFormat()
        image = document.resource(_PICTURE, QUrl(shown.name()))
        if isinstance(image, QImage) and not image.isNull():
            asked = shown.width()
            found.append((place, asked if 0 < asked < image.width() else float(image.width())))
        place = document.find(_PICTURE_CHARACTER, place)
    return found


def settle_tables(document: QTextDocument) -> None:
    """Hairlines and air in every table, whatever the document brought."""
    for table in tables_in(document.rootFrame()):
        layout = table.format().toTableFormat()
        layout.setBorderCollapse(True)
        layout.setCellPadding(7)
        layout.setCellSpacing(0)
        layout.setTopMargin(6)
        layout.setBottomMargin(10)
        table.setFormat(layout)


def space_lines(document: QTextDocument, text_pixels: int) -> None:
    """Air between lines, in proportion to the size of the words."""
    cursor = QTextCursor(document)
    cursor.select(QTextCursor.SelectionType.Document)
    spacing = QTextBlockFormat()
    spacing.setLineHeight(0.35 * text_pixels, QTextBlockFormat.LineHeightTypes.LineDistanceHeight.value)
    cursor.mergeBlockFormat(spacing)


def hang_paragraphs(document: QTextDocument) -> None:
    """The words of a list begin where its numbers end, and headings are as large as the style says."""
    block = document.begin()
    while block.isValid():
        if block.blockFormat().headingLevel():
            _size_as_styled(document, block)
        if (tab := hanging(block)) is not None:
            layout = QTextBlockFormat()
            layout.setTabPositions([tab])
            QTextCursor(block).mergeBlockFormat(layout)
        block = block.next()


def _size_as_styled(document: QTextDocument, heading: QTextBlock) -> None:
    """Qt enlarges headings by steps of its own, and then not by what the style says."""
    found = [(piece.position(), piece.length(), piece.charFormat()) for piece in pieces(heading)]
    for start, length, sized in found:
        cursor = QTextCursor(document)
        cursor.setPosition(start)
        cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
        sized.clearProperty(QTextFormat.Property.FontSizeAdjustment.value)
        cursor.setCharFormat(sized)
