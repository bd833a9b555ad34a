"""A report as its pages, or as its words alone: what people are going to read, before it leaves the desk."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPdfWidgets import QPdfView
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.gui.controls import EmptyState, outlined_button, quiet_button
from assessor_desk.gui.session import Session


class ReportPreview(QDialog):
    """Has the report made on a side lane, then shows it. Our own document, so Qt may read it here.

    `make` gives its PDF, `standing` says after the number of pages what it is not yet.
    """

    def __init__(
        self,
        session: Session,
        title: str,
        make: Callable[[], bytes],
        standing: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._bytes = QBuffer(self)
        self.document = QPdfDocument(self)
        self._standing = standing
        self.setWindowTitle(title)
        self._fit_screen()
        self._pages = QStackedWidget(self)
        self._state = EmptyState("document", "Making the report…", "", parent=self)
        self._view = self._make_view()
        self.words = self._make_words()
        for page in (self._state, self._view, self.words):
            self._pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._pages, 1)
        column.addLayout(self._buttons())
        self.finished.connect(self._let_go)
        session.tasks.side(make, self._show, self._refuse)

    def _fit_screen(self) -> None:
        room = self.screen().availableSize()
        self.resize(min(820, room.width() - 40), min(900, room.height() - 60))

    def _make_view(self) -> QPdfView:
        view = QPdfView(self)
        view.setPageMode(QPdfView.PageMode.MultiPage)
        view.setZoomMode(QPdfView.ZoomMode.FitToWidth)
        view.setAccessibleName("Pages of the report")
        view.setDocument(self.document)
        return view

    def _make_words(self) -> QPlainTextEdit:
        words = QPlainTextEdit(self)
        words.setReadOnly(True)
        words.setAccessibleName("Words of the report")
        return words

    def _buttons(self) -> QHBoxLayout:
        self._read: QPushButton = quiet_button("Read as text", self)
        self._read.setCheckable(True)
        self._read.setEnabled(False)
        self._read.toggled.connect(self._on_read)
        self._about = QLabel("", self)
        self._about.setObjectName("muted")
        close = outlined_button("Close", self)
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setContentsMargins(16, 8, 16, 10)
        row.setSpacing(8)
        row.addWidget(self._read)
        row.addWidget(self._about, 1)
        row.addWidget(close)
        return row

    @property
    def told(self) -> str:
        """How many pages, or why there are none."""
        return self._about.text()

    def _show(self, pdf: bytes) -> None:
        self._bytes.setData(QByteArray(pdf))
        self._bytes.open(QIODevice.OpenModeFlag.ReadOnly)
        self.document.load(self._bytes)
        count = self.document.pageCount()
        self.words.setPlainText(
            "\n\n".join(self.document.getAllText(number).text() for number in range(count))
        )
        self._about.setText(f"{count} page{'' if count == 1 else 's'}. {self._standing}")
        self._read.setEnabled(True)
        self._pages.setCurrentWidget(self._view)
        self._view.setFocus()

    def _refuse(self, error: DeskError) -> None:
        self._state.say("warning", "There is no report to look at", sentence(error))

    def _on_read(self, reading: bool) -> None:
        shown = self.words if reading else self._view
        self._pages.setCurrentWidget(shown)
        shown.setFocus()

    def _let_go(self) -> None:
        self.document.close()
        self._bytes.close()
