"""A page of a PDF read as text: its headings, lists and tables as words, for screen readers and for close reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from assessor_desk.domain.anchor import TextQuote
from assessor_desk.gui.viewers.handles import PageField, PageText, ReadPage
from assessor_desk.gui.viewers.reading_pane import ReadingPane

IS_PICTURE = "This page is a picture: there are no words to select. Draw a box around a part to anchor it."
_NOTHING = "Nothing stands on this page."


class PdfWords(ReadingPane):
    """Shows one page at a time. Quotations made here are found again on the page itself."""

    page_wanted = Signal(int)
    """1 for the next page, -1 for the one before: a page key was pressed at the end or the beginning."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("The words of this page")

    def show_page(self, read: ReadPage) -> None:
        """Show a page from its beginning."""
        if read.is_picture:
            self.show_html(f"<p>{IS_PICTURE}</p>")
        else:
            self.show_html((read.markup + _fields(read.fields)) or f"<p>{_NOTHING}</p>")
        self.setAccessibleDescription(
            "Headings and tables as the document has them"
            if read.tagged
            else "Headings and tables as they seem to be: this document does not tell them"
        )

    def quotation(self, page: int, label: str, text: PageText | None) -> TextQuote | None:
        """The selected words as they stand on the page, which is counted from 0; None where none are selected."""
        selected = self.selected()
        quote = self.quotable.quote(*selected, page + 1) if selected is not None else None
        if quote is None:
            return None
        found = text.find(quote) if text is not None else None
        on_page = text.quotable.quote(*found, page + 1) if text is not None and found is not None else None
        return replace(on_page or quote, label=label)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar = self.verticalScrollBar()
        if event.key() == Qt.Key.Key_PageDown and bar.value() == bar.maximum():
            self.page_wanted.emit(1)
        elif event.key() == Qt.Key.Key_PageUp and bar.value() == bar.minimum():
            self.page_wanted.emit(-1)
        else:
            super().keyPressEvent(event)


def _fields(fields: Sequence[PageField]) -> str:
    """What was filled into a form, by the names of its fields."""
    rows = [
        f"<tr><td>{escape(field.name or 'Field')}</td><td>{escape(field.value or '(empty)')}</td></tr>"
        for field in fields
    ]
    return f"<h3>Filled in on this page</h3><table>{''.join(rows)}</table>" if rows else ""
