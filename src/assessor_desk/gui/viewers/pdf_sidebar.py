"""Beside the pages of a PDF: small pictures of them, the table of contents, and the annotations it has itself."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPen
from PySide6.QtWidgets import (
    QListView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.gui.viewers import look
from assessor_desk.gui.viewers.handles import OutlineEntry, PageNote, PdfHandle
from assessor_desk.gui.viewers.renders import Renders, Wanted

THUMBNAIL = QSize(104, 134)
_CELL = QSize(136, 168)
_PAGE_ROLE = Qt.ItemDataRole.UserRole


class PdfSidebar(QTabWidget):
    """Tells which page was chosen."""

    page_chosen = Signal(int)
    note_chosen = Signal(object)
    """An annotation that the document itself has."""

    def __init__(self, renders: Renders, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDocumentMode(True)
        self.setUsesScrollButtons(False)
        self._notes: tuple[PageNote, ...] = ()
        self._labels: Sequence[str] = ()
        self._thumbnails = _Thumbnails(renders, self)
        self._thumbnails.chosen.connect(self.page_chosen)
        self._outline = QTreeWidget(self)
        self._outline.setHeaderHidden(True)
        self._outline.setAccessibleName("Contents")
        self._outline.setIndentation(14)
        self._outline.itemActivated.connect(self._on_entry)
        self._outline.itemClicked.connect(self._on_entry)
        self.addTab(_padded(self._thumbnails, self), "Pages")
        self._note_list = self._list_of_notes()
        self.addTab(_padded(self._outline, self), "Contents")
        self.addTab(_padded(self._note_list, self), "Notes")
        self.setTabToolTip(2, "Annotations that the document itself has; your own anchors are below the page")

    def _list_of_notes(self) -> QListWidget:
        notes = QListWidget(self)
        notes.setAccessibleName("Annotations in the document")
        notes.setWordWrap(True)
        notes.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        notes.setSpacing(2)
        notes.setTextElideMode(Qt.TextElideMode.ElideNone)
        notes.itemClicked.connect(self._on_note)
        notes.itemActivated.connect(self._on_note)
        return notes

    def show_notes(self, notes: Sequence[PageNote]) -> None:
        """The document's own annotations, or no tab for them."""
        self._notes = tuple(notes)
        self._fill_notes()

    def name_pages(self, labels: Sequence[str]) -> None:
        """What the document calls its pages."""
        self._labels = labels
        self._thumbnails.name_pages(labels)
        self._fill_notes()

    def _fill_notes(self) -> None:
        self._note_list.clear()
        for note in self._notes:
            about = f"Page {page_name(note.page, self._labels)} · {note.kind}" + (
                f" · {note.author}" if note.author else ""
            )
            quoted = f"“{shortened(note.quoted)}”" if note.quoted else ""
            told = "\n".join(filter(None, (about, quoted, note.words)))
            self._note_list.addItem(told)
            self._note_list.item(self._note_list.count() - 1).setToolTip(told)
        self.setTabVisible(2, bool(self._notes))
        self.setTabText(2, f"Notes ({len(self._notes)})")
        self._make_room()

    def _on_note(self, item: QListWidgetItem) -> None:
        self.note_chosen.emit(self._notes[self._note_list.row(item)])

    def show_document(self, handle: PdfHandle) -> None:
        """Show the pages of a document; its contents follow by `show_outline`, its annotations by `show_notes`."""
        self._thumbnails.show_document(handle)
        self.show_outline(())
        self.show_notes(())

    def show_outline(self, entries: Sequence[OutlineEntry]) -> None:
        """Show the table of contents, or no tab for it."""
        self._outline.clear()
        parents: list[QTreeWidgetItem] = []
        for entry in entries:
            del parents[max(0, min(entry.level, len(parents))) :]
            node = QTreeWidgetItem(parents[-1] if parents else self._outline, [entry.title])
            node.setToolTip(0, entry.title)
            node.setSizeHint(0, QSize(0, 28))
            node.setData(0, _PAGE_ROLE, entry.page)
            parents.append(node)
        self._outline.expandToDepth(0)
        self.setTabVisible(1, bool(entries))
        self._make_room()

    def _make_room(self) -> None:
        """As wide as the tabs there are need, whatever their words."""
        self.setMinimumWidth(max(wanted_width(), self.tabBar().sizeHint().width()))

    def show_page(self, page: int) -> None:
        """The page in sight."""
        self._thumbnails.show_page(page)

    def clear_document(self) -> None:
        """Show nothing."""
        self._thumbnails.show_document(None)
        self._labels = ()
        self.show_outline(())
        self.show_notes(())

    def _on_entry(self, node: QTreeWidgetItem) -> None:
        page = node.data(0, _PAGE_ROLE)
        if page is not None:
            self.page_chosen.emit(page)


def page_name(page: int, labels: Sequence[str]) -> str:
    """A page counted from 1, with what the document calls it where that is something else."""
    label = labels[page] if page < len(labels) else ""
    return f"{page + 1} ({label})" if label and label != str(page + 1) else str(page + 1)


def shortened(words: str) -> str:
    """So much of a quotation that it is recognised."""
    return words if len(words) <= 90 else words[:89].rstrip() + "…"


def _padded(inside: QWidget, parent: QWidget) -> QWidget:
    """Tabs touch what they hold otherwise."""
    page = QWidget(parent)
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 6, 0, 0)
    layout.addWidget(inside)
    return page


Index = QModelIndex | QPersistentModelIndex


class _Pages(QAbstractListModel):
    """One row a page."""

    def __init__(self, renders: Renders, parent: QWidget) -> None:
        super().__init__(parent)
        self._renders = renders
        self.count = 0
        self.labels: Sequence[str] = ()

    def set_count(self, count: int) -> None:
        self.beginResetModel()
        self.count = count
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's own signature
        return 0 if parent.isValid() else self.count

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.DisplayRole:
            return page_name(index.row(), self.labels)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"Page {page_name(index.row(), self.labels)}"
        if role == Qt.ItemDataRole.DecorationRole:
            return self._renders.image(index.row(), 0)
        return None


class _Thumbnails(QListView):
    """Small pictures of the pages in sight of the list, made as one scrolls."""

    chosen = Signal(int)

    def __init__(self, renders: Renders, parent: QWidget) -> None:
        super().__init__(parent)
        self._renders = renders
        self._handle: PdfHandle | None = None
        self._pages = _Pages(renders, self)
        self.setModel(self._pages)
        self.setItemDelegate(_Paper(self))
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Pages")
        renders.arrived.connect(self._on_arrived)
        self.verticalScrollBar().valueChanged.connect(lambda _: self._want())
        self.clicked.connect(lambda index: self.chosen.emit(index.row()))
        self.activated.connect(lambda index: self.chosen.emit(index.row()))

    def show_document(self, handle: PdfHandle | None) -> None:
        self._handle = handle
        self._pages.labels = ()
        self._pages.set_count(handle.page_count if handle is not None else 0)
        if handle is None:
            self._renders.clear()
        else:
            self._renders.begin(handle.render)
            self._want()

    def name_pages(self, labels: Sequence[str]) -> None:
        self._pages.labels = labels
        self.viewport().update()

    def show_page(self, page: int) -> None:
        index = self._pages.index(page)
        if self.currentIndex() != index:
            self.setCurrentIndex(index)

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._want()

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self._want()

    def _want(self) -> None:
        if self._handle is None or not self.isVisible():
            return
        first = max(0, self.verticalScrollBar().value() // _CELL.height())
        last = first + self.viewport().height() // _CELL.height() + 2
        ratio = self.devicePixelRatioF()
        pages = range(first, min(last, self._handle.page_count))
        self._renders.want([Wanted(page, self._scale(page) * ratio, 0) for page in pages])

    def _scale(self, page: int) -> float:
        assert self._handle is not None
        width, height = self._handle.page_size(page)
        return min(THUMBNAIL.width() / width, THUMBNAIL.height() / height)

    def _on_arrived(self, page: int) -> None:
        self.update(self._pages.index(page))


class _Paper(QStyledItemDelegate):
    """A page with its number below; the chosen one is framed and its number set in the accent's colour."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        rect: QRect = option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        image = index.data(Qt.ItemDataRole.DecorationRole)
        paper = self._paper(rect, image)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(paper, Qt.GlobalColor.white)
        if isinstance(image, QImage):
            painter.drawImage(paper, image)
        edge, width = (look.colour("accent"), 2) if chosen else (look.colour("hair"), 1)
        painter.setPen(QPen(edge, width))
        painter.drawRect(paper.adjusted(-width, -width, width - 1, width - 1))
        painter.setPen(look.colour("accent" if chosen else "muted"))
        number = QRect(rect.left(), paper.bottom() + 4, rect.width(), 20)
        painter.drawText(number, Qt.AlignmentFlag.AlignCenter, str(index.data()))
        painter.restore()

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return _CELL

    def _paper(self, rect: QRect, image: object) -> QRect:
        size = QSize(THUMBNAIL)
        if isinstance(image, QImage):
            size = image.size().scaled(THUMBNAIL, Qt.AspectRatioMode.KeepAspectRatio)
        left = rect.left() + (rect.width() - size.width()) // 2
        return QRect(left, rect.top() + 6 + THUMBNAIL.height() - size.height(), size.width(), size.height())


def wanted_width() -> int:
    """As wide as the list needs."""
    return _CELL.width() + 18
