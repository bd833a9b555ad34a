"""Beside a document of words: its headings, and the remarks that the educator's file itself holds."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QTabWidget, QTreeWidget, QTreeWidgetItem, QWidget

from assessor_desk.gui import icons
from assessor_desk.gui.viewers.handles import WordsRemark
from assessor_desk.gui.viewers.shown_words import Heading

WIDTH = 232
_PLACE = Qt.ItemDataRole.UserRole


class WordsSidebar(QTabWidget):
    """Tells which heading or remark was chosen."""

    heading_chosen = Signal(int)
    remark_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDocumentMode(True)
        self.setUsesScrollButtons(False)
        self.setMinimumWidth(WIDTH)
        self._headings = QTreeWidget(self)
        self._headings.setHeaderHidden(True)
        self._headings.setIndentation(14)
        self._headings.setAccessibleName("Headings of the document")
        self._headings.itemClicked.connect(self._on_heading)
        self._headings.itemActivated.connect(self._on_heading)
        self._remarks = QListWidget(self)
        self._remarks.setAccessibleName("Remarks in the educator’s file")
        self._remarks.setWordWrap(True)
        self._remarks.setSpacing(2)
        self._remarks.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._remarks.itemClicked.connect(self._on_remark)
        self._remarks.itemActivated.connect(self._on_remark)
        self.addTab(self._headings, "Contents")
        self.addTab(self._remarks, "Remarks")
        self.setTabToolTip(1, "Remarks that the educator’s file itself holds; your own anchors are below")

    def show_headings(self, headings: Sequence[Heading]) -> None:
        """The headings of what is in front, or no tab for them."""
        self._headings.clear()
        parents: list[tuple[int, QTreeWidgetItem]] = []
        for heading in headings:
            while parents and parents[-1][0] >= heading.level:
                parents.pop()
            node = QTreeWidgetItem(parents[-1][1] if parents else self._headings, [heading.title])
            node.setToolTip(0, heading.title)
            node.setSizeHint(0, QSize(0, 28))
            node.setData(0, _PLACE, heading.place)
            parents.append((heading.level, node))
        self._headings.expandAll()
        self.setTabVisible(0, bool(headings))

    def show_remarks(self, remarks: Sequence[WordsRemark]) -> None:
        """The remarks of the whole document, or no tab for them."""
        self._remarks.clear()
        for remark in remarks:
            words = f"Remark {remark.number} · {remark.writer}\n{remark.words}"
            node = QListWidgetItem(icons.icon("flag"), words)
            node.setData(_PLACE, remark.number)
            self._remarks.addItem(node)
        self.setTabVisible(1, bool(remarks))
        self.setTabText(1, f"Remarks ({len(remarks)})")

    @property
    def has_anything(self) -> bool:
        """Whether there is a heading or a remark to go to."""
        return self.isTabVisible(0) or self.isTabVisible(1)

    def show_remark(self, number: int) -> None:
        """Bring one remark to the front."""
        for row in range(self._remarks.count()):
            if self._remarks.item(row).data(_PLACE) == number:
                self.setCurrentWidget(self._remarks)
                self._remarks.setCurrentRow(row)

    def _on_heading(self, node: QTreeWidgetItem) -> None:
        self.heading_chosen.emit(int(node.data(0, _PLACE)))

    def _on_remark(self, node: QListWidgetItem) -> None:
        self.remark_chosen.emit(int(node.data(_PLACE)))
