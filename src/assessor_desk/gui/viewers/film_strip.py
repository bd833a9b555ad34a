"""The pictures of a submission side by side, small: to step through photographs without going back to the tabs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage, QPainter, QPen
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from assessor_desk.gui.viewers import look
from assessor_desk.gui.viewers.handles import Raster
from assessor_desk.gui.viewers.renders import image_of
from assessor_desk.gui.viewers.viewer import Tasks

_PICTURE = QSize(96, 72)
_CELL = QSize(108, 100)
_HEIGHT = 118

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Photograph:
    """One picture of a set. `thumbnail` blocks: it is called on a side lane, with the longest side in pixels."""

    artifact_id: str
    title: str
    thumbnail: Callable[[int], Raster]


class FilmStrip(QListView):
    """Tells which picture was chosen. Small pictures are made one at a time, those in sight first."""

    chosen = Signal(str)

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._small = _SmallPictures(self)
        self._asked: set[str] = set()
        self._under_way = False
        self.setObjectName("filmStrip")
        self.setModel(self._small)
        self.setItemDelegate(_Slide(self))
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedHeight(_HEIGHT)
        self.setAccessibleName("Pictures of this submission")
        self.horizontalScrollBar().valueChanged.connect(lambda _: self._next())
        self.clicked.connect(self._on_chosen)
        self.activated.connect(self._on_chosen)

    def show_set(self, photographs: Sequence[Photograph], current_id: str) -> None:
        """Show these pictures, `current_id` as the one in front; what is known of them already is kept."""
        if [one.artifact_id for one in photographs] != [one.artifact_id for one in self._small.set]:
            self._asked.clear()
            self._small.show_set(tuple(photographs))
        self.show_current(current_id)
        self._next()

    def show_current(self, artifact_id: str) -> None:
        """The picture in front."""
        place = self.place_of(artifact_id)
        self.setCurrentIndex(self._small.index(place) if place is not None else QModelIndex())
        if place is not None:
            self.scrollTo(self._small.index(place), QListView.ScrollHint.PositionAtCenter)

    @property
    def photographs(self) -> tuple[Photograph, ...]:
        return self._small.set

    def place_of(self, artifact_id: str) -> int | None:
        """Its place in the set, from 0."""
        ids = [one.artifact_id for one in self._small.set]
        return ids.index(artifact_id) if artifact_id in ids else None

    def forget(self) -> None:
        """Show nothing, and keep nothing."""
        self._asked.clear()
        self._small.show_set(())

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._next()

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self._next()

    def _on_chosen(self, index: QModelIndex) -> None:
        self.chosen.emit(self._small.set[index.row()].artifact_id)

    def _next(self) -> None:
        """Make the next small picture in sight, unless one is being made."""
        if self._under_way or not self.isVisible():
            return
        wanted = next((one for one in self._in_sight() if one.artifact_id not in self._asked), None)
        if wanted is None:
            return
        self._asked.add(wanted.artifact_id)
        self._under_way = True
        longest = round(_PICTURE.width() * self.devicePixelRatioF())
        self._tasks.side(
            lambda: wanted.thumbnail(longest),
            lambda raster: self._on_made(wanted.artifact_id, raster),
            lambda _: self._on_made(wanted.artifact_id, None),
        )

    def _on_made(self, artifact_id: str, raster: Raster | None) -> None:
        """A picture that cannot be read keeps its empty frame; what is wrong is told when it is opened."""
        self._under_way = False
        if raster is not None:
            self._small.keep(artifact_id, image_of(raster).copy())
        self._next()

    def _in_sight(self) -> Sequence[Photograph]:
        first = max(0, self.horizontalScrollBar().value() // _CELL.width())
        return self._small.set[first : first + self.viewport().width() // _CELL.width() + 2]


class _SmallPictures(QAbstractListModel):
    """One entry a picture."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.set: tuple[Photograph, ...] = ()
        self._images: dict[str, QImage] = {}

    def show_set(self, photographs: tuple[Photograph, ...]) -> None:
        self.beginResetModel()
        self.set = photographs
        self._images.clear()
        self.endResetModel()

    def keep(self, artifact_id: str, image: QImage) -> None:
        self._images[artifact_id] = image
        for row, one in enumerate(self.set):
            if one.artifact_id == artifact_id:
                self.dataChanged.emit(self.index(row), self.index(row))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's own signature
        return 0 if parent.isValid() else len(self.set)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        photograph = self.set[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return photograph.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"Picture {index.row() + 1} of {len(self.set)}: {photograph.title}"
        if role == Qt.ItemDataRole.DecorationRole:
            return self._images.get(photograph.artifact_id)
        return None


class _Slide(QStyledItemDelegate):
    """A small picture with its title below; the one in front is framed."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        image = index.data(Qt.ItemDataRole.DecorationRole)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        frame = QRect(rect.left() + 6, rect.top() + 4, _PICTURE.width(), _PICTURE.height())
        painter.fillRect(frame, look.colour("sunken"))
        if isinstance(image, QImage):
            size = image.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRect(0, 0, size.width(), size.height())
            place.moveCenter(frame.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, image)
        painter.setPen(QPen(look.colour("accent" if chosen else "hair"), 2 if chosen else 1))
        painter.drawRect(frame.adjusted(-1, -1, 0, 0))
        painter.setPen(look.colour("text" if chosen else "muted"))
        title = QRect(rect.left() + 4, frame.bottom() + 3, rect.width() - 8, 18)
        words = painter.fontMetrics().elidedText(
            str(index.data()), Qt.TextElideMode.ElideMiddle, title.width()
        )
        painter.drawText(title, Qt.AlignmentFlag.AlignCenter, words)
        painter.restore()

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return _CELL
