"""A picture that is zoomed, pushed along, turned, played and made lighter, with boxes to drag on it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from assessor_desk.domain.anchor import Box, ImageRegion, PageRegion, Selector
from assessor_desk.gui.viewers import look, markings
from assessor_desk.gui.viewers.box_band import Band
from assessor_desk.gui.viewers.handles import ImageHandle, Raster
from assessor_desk.gui.viewers.marked_canvas import MarkedCanvas
from assessor_desk.gui.viewers.offer_pill import OfferPill
from assessor_desk.gui.viewers.page_layout import box_of, placed, share_of, share_of_box
from assessor_desk.gui.viewers.renders import Renders, Wanted, image_of
from assessor_desk.gui.viewers.tones import NEUTRAL, Tones

_EDGE = 12
_STEP = 1.25
_SMALLEST, _LARGEST = 0.02, 16.0
_RASTER_SIDES = (1000, 2000, 4000, 6000)
_CLICK = 4.0
_FRAMING = Qt.KeyboardModifier.AltModifier
"""With it a box is drawn, also within another."""
_SHORTEST_MS, _ORDINARY_MS = 20, 100
"""How long a frame of a moving picture stays at least, and where the file does not say."""


class ImageCanvas(MarkedCanvas):
    """Shows one frame of an `ImageHandle`; places are fractions of the upright picture."""

    zoom_step = _STEP
    frame_changed = Signal(int)

    def __init__(self, renders: Renders, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._renders = renders
        self._handle: ImageHandle | None = None
        self._frame, self._rotation, self._zoom, self._fits = 0, 0, 1.0, True
        self._tones = NEUTRAL
        self._toned: tuple[object, Tones, QImage, Raster] | None = None
        self._last: tuple[tuple[int, int], QImage, Raster] | None = None
        self._revealed: QRectF | None = None
        self._band: Band | None = None
        self._pressed: QPointF | None = None
        self._pushing: QPointF | None = None
        self._offer = OfferPill(self.viewport(), self._on_offer)
        self._stays = QTimer(self)
        self._stays.setSingleShot(True)
        self._stays.timeout.connect(self._on_stayed)
        self._playing = False
        renders.arrived.connect(self._on_arrived)
        self.viewport().setCursor(Qt.CursorShape.CrossCursor)

    # What is shown

    def open(self, handle: ImageHandle, tones: Tones = NEUTRAL, rotation: int = 0) -> None:
        """Show a picture, fitted into the view."""
        self.clear()
        self._handle, self._tones, self._rotation = handle, tones, rotation
        self._begin()
        self.fit()

    def clear(self) -> None:
        """Show nothing."""
        self.stop()
        self._handle, self._frame, self._rotation, self._fits = None, 0, 0, True
        self._tones, self._toned, self._revealed, self._marks = NEUTRAL, None, None, ()
        self._last = None
        self._renders.clear()
        self.boxes.forget()
        self.clear_selection()
        self.viewport().update()

    def show_frame(self, frame: int) -> None:
        """Another scan of the same file, or another frame of a moving picture."""
        self.stop()
        self._show(frame)
        self.clear_selection()

    def _show(self, frame: int) -> None:
        self._frame = frame
        self.frame_changed.emit(frame)
        self._lay_out()

    def _begin(self) -> None:
        """What the worker does to a picture is settled when its rasters are begun."""
        handle, pencil = self._handle, self._tones.pencil
        if handle is not None:
            self._renders.begin(
                lambda frame, longest, rotation: handle.render(int(longest), rotation, frame, pencil)
            )

    @property
    def frame(self) -> int:
        """The frame in front, from 0."""
        return self._frame

    @property
    def tones(self) -> Tones:
        return self._tones

    def set_tones(self, tones: Tones) -> None:
        """Lighter, darker, more or less contrast, pencil brought out."""
        before, self._tones = self._tones, tones
        if before.pencil != tones.pencil:
            self._begin()
            self._want_raster()
        self.viewport().update()

    # Moving pictures

    @property
    def playing(self) -> bool:
        return self._playing

    def play(self) -> None:
        """Show frame after frame, each as long as the file says, round the end."""
        if self._handle is not None and self._handle.animated:
            self._playing = True
            self._stays.start(self._stay())

    def stop(self) -> None:
        """Stay at the frame in front."""
        self._playing = False
        self._stays.stop()

    def _on_stayed(self) -> None:
        if self._playing and self._handle is not None:
            self._show((self._frame + 1) % self._handle.frame_count)
            if self._renders.kept(self._frame, self._rotation) is not None:
                self._stays.start(self._stay())

    def _on_arrived(self, frame: int) -> None:
        if self._playing and frame == self._frame and not self._stays.isActive():
            self._stays.start(self._stay())
        self.viewport().update()

    def _stay(self) -> int:
        kept = self._renders.kept(self._frame, self._rotation)
        told = getattr(kept[1], "duration_ms", 0) if kept is not None else 0
        return max(_SHORTEST_MS, told or _ORDINARY_MS)

    # Places

    def selector_at_hand(self) -> ImageRegion | PageRegion | None:
        """The box that was drawn; in a file of several pictures with the number of the one it is on."""
        box = box_of(self._band.share) if self._band is not None and self._band.placed else None
        if box is None or self._handle is None:
            return None
        return ImageRegion(box) if self._handle.frame_count == 1 else PageRegion(self._frame + 1, box)

    def _box_on_frame(self, selector: Selector) -> Box | None:
        """The box that a selector has on the frame in front."""
        if isinstance(selector, ImageRegion):
            return selector.box if self._frame == 0 else None
        if isinstance(selector, PageRegion) and selector.page == self._frame + 1:
            return selector.box
        return None

    def clear_selection(self) -> None:
        self._band, self._pressed, self._pushing = None, None, None
        self._offer.hide()
        self.viewport().update()

    def reveal(self, selector: Selector) -> None:
        """Bring a part into sight, and frame it."""
        frame = selector.page - 1 if isinstance(selector, PageRegion) else 0
        if self._handle is not None and frame != self._frame and 0 <= frame < self._handle.frame_count:
            self.show_frame(frame)
        box = self._box_on_frame(selector)
        self._revealed = share_of_box(box) if box is not None else None
        self.boxes.choose_at(selector)
        if self._revealed is not None:
            self.scroll_by(self.pixels(self._revealed).center() - QRectF(self.viewport().rect()).center())
        self.viewport().update()

    def page_rect(self, _page: int = 0) -> QRectF:
        """Where the picture in front lies in the viewport."""
        return self.picture_rect()

    def share(self, point: QPointF, _page: int = 0) -> QPointF:
        """A point of the viewport as fractions of the picture."""
        return share_of(point, self._rotation, self.picture_rect())

    def picture_rect(self) -> QRectF:
        """Where the picture lies in the viewport."""
        size, view = self._shown_size(), self.viewport().size()
        left = max((view.width() - size.width()) / 2, _EDGE) - self.horizontalScrollBar().value()
        top = max((view.height() - size.height()) / 2, _EDGE) - self.verticalScrollBar().value()
        return QRectF(round(left), round(top), size.width(), size.height())

    def pixels(self, share: QRectF, _page: int = 0) -> QRectF:
        """Fractions of the picture as a rectangle of the viewport."""
        return placed(share, self._rotation, self.picture_rect())

    # Zoom and turn

    @property
    def zoom(self) -> float:
        """Logical pixels a pixel of the picture takes."""
        return self._zoom

    @property
    def fits(self) -> bool:
        return self._fits

    def fit(self) -> None:
        """As large as fits into the view, and no larger than its own pixels."""
        self._fits = True
        self._lay_out()

    def zoom_by(self, steps: float, at: QPointF | None = None) -> None:
        self.set_zoom(self._zoom * _STEP**steps, at)

    def set_zoom(self, zoom: float, at: QPointF | None = None) -> None:
        """Enlarge, keeping what is at the pointer (or in the middle) where it is."""
        point = at or QRectF(self.viewport().rect()).center()
        before = self.picture_rect()
        if self._handle is None or before.isEmpty():
            return
        share = share_of(point, 0, before)
        self._fits, self._zoom = False, min(max(zoom, _SMALLEST), _LARGEST)
        self._lay_out()
        rect = self.picture_rect()
        self.scroll_by(
            QPointF(rect.left() + share.x() * rect.width(), rect.top() + share.y() * rect.height()) - point
        )

    @property
    def rotation(self) -> int:
        """Degrees by which it is turned clockwise, for the eye alone."""
        return self._rotation

    def rotate(self, degrees: int) -> None:
        self._rotation = (self._rotation + degrees) % 360
        self._lay_out()

    def _upright_size(self) -> QSizeF:
        if self._handle is None:
            return QSizeF(0, 0)
        size = QSizeF(*self._handle.frame_size(self._frame))
        return size.transposed() if self._rotation % 180 else size

    def _shown_size(self) -> QSizeF:
        size = self._upright_size()
        return QSizeF(round(size.width() * self._zoom), round(size.height() * self._zoom))

    def _lay_out(self) -> None:
        size, view = self._upright_size(), self.viewport().size()
        if self._handle is None or size.isEmpty():
            return
        if self._fits:
            across = (view.width() - 2 * _EDGE) / size.width()
            self._zoom = max(_SMALLEST, min(across, (view.height() - 2 * _EDGE) / size.height(), 1.0))
        shown = self._shown_size()
        self.horizontalScrollBar().setRange(0, max(0, round(shown.width() + 2 * _EDGE - view.width())))
        self.verticalScrollBar().setRange(0, max(0, round(shown.height() + 2 * _EDGE - view.height())))
        self.horizontalScrollBar().setPageStep(view.width())
        self.verticalScrollBar().setPageStep(view.height())
        self._want_raster()
        self._place_offer()
        self.zoom_changed.emit()
        self.viewport().update()

    def _want_raster(self) -> None:
        """In one of few sizes, so that zooming does not ask for a new raster at each step."""
        shown = self._shown_size()
        needed = max(shown.width(), shown.height()) * self.viewport().devicePixelRatioF()
        side = next((each for each in _RASTER_SIDES if each >= needed), _RASTER_SIDES[-1])
        wanted = [Wanted(self._frame, side, self._rotation)]
        if self._playing and self._handle is not None:
            wanted.append(Wanted((self._frame + 1) % self._handle.frame_count, side, self._rotation))
        self._renders.want(wanted)

    # Painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), look.colour("sunken"))
        if self._handle is None:
            return
        rect = self.picture_rect()
        image = self._image()
        if image is None:
            painter.fillRect(rect, look.colour("hair"))
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(rect, image)
        for mark in self.placed_marks():
            markings.paint_mark(painter, mark)
        if self._revealed is not None:
            markings.paint_revealed(painter, self.pixels(self._revealed), look.colour("accent"))
        self.boxes.paint(painter)
        if self._band is not None:
            markings.paint_rubber_band(painter, self.pixels(self._band.share), look.colour("accent"))

    def _image(self) -> QImage | None:
        """The frame in front; until its raster is here, what was there before of it, or of a moving picture."""
        kept = self._renders.kept(self._frame, self._rotation)
        place = (self._frame, self._rotation)
        if kept is not None:
            self._last = (place, *kept)
        elif self._last is not None and (self._last[0] == place or self._playing):
            kept = self._last[1:]
        else:
            return None
        image, raster = kept
        if self._tones.plain:
            return image
        if self._toned is None or self._toned[0] is not raster or self._toned[1] != self._tones:
            toned = self._tones.applied(raster)
            self._toned = (raster, self._tones, image_of(toned), toned)
        return self._toned[2]

    def placed_marks(self) -> list[markings.PlacedMark]:
        found: list[markings.PlacedMark] = []
        for mark in self.marks if self._handle is not None else ():
            on_frame = self._box_on_frame(mark.anchor.selector)
            if on_frame is not None:
                box = self.pixels(self.boxes.share_of(mark) or share_of_box(on_frame))
                taken = [each.badge for each in found]
                badge = markings.badge_rect(mark.number, box.left() + 1, box.top() - 10, taken)
                told = markings.spoken(mark)
                found.append(
                    markings.PlacedMark(mark.anchor.id, mark.colour, mark.number, told, badge, (), box)
                )
        return found

    # Mouse and keys

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        self._place_offer()
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.clear_selection()
        self._revealed = None
        left, framing = event.button() == Qt.MouseButton.LeftButton, event.modifiers() & _FRAMING
        if left and not framing and self.boxes.press(event.position()):
            return
        self._pressed = event.position()
        if left and self.picture_rect().contains(self._pressed):
            share = self.share(self._pressed)
            self._band = Band(self._frame, share, share)
        else:
            self._pushing = self._pressed

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        if self.boxes.drag(point):
            return
        if self._pushing is not None:
            self.scroll_by(self._pushing - point)
            self._pushing = point
        elif self._band is not None and self._pressed is not None:
            self._band = self._band.dragged(share_of(point, self._rotation, self.picture_rect()))
            self.viewport().update()
        else:
            framing = event.modifiers() & _FRAMING
            over = self.boxes.cursor(point) if not framing else None
            if over is None and self.mark_at(point) is not None:
                over = Qt.CursorShape.PointingHandCursor
            self.viewport().setCursor(over or Qt.CursorShape.CrossCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.boxes.release(event.position()) or self._pressed is None:
            return
        moved = (event.position() - self._pressed).manhattanLength() > _CLICK
        band, self._pressed, self._pushing = self._band, None, None
        self._band = band.at_rest() if band is not None and moved and box_of(band.share) is not None else None
        mark = None if moved else self.mark_at(event.position())
        if mark is not None:
            self.mark_clicked.emit(mark.anchor_id)
        self._place_offer()
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.boxes.key(event):
            return
        if event.key() == Qt.Key.Key_Escape and self._band is not None:
            self.clear_selection()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.selector_at_hand() is not None:
            self._on_offer()
        elif self._band is None or not self._move_band(event):
            super().keyPressEvent(event)

    def begin_box(self) -> None:
        """A box in the middle, for the arrow keys: they move it, with Shift they size it, Enter cites it."""
        if self._handle is not None:
            self._band = Band.for_keys(self._frame)
            self._place_offer()
            self.setFocus()
            self.viewport().update()

    def _move_band(self, event: QKeyEvent) -> bool:
        assert self._band is not None
        after = self._band.after_key(event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        if after is None:
            return False
        self._band = after
        self._place_offer()
        self.viewport().update()
        return True

    def _place_offer(self) -> None:
        if self._band is None or not self._band.placed:
            self._offer.hide()
            return
        area = self.pixels(self._band.share)
        self._offer.offer("Anchor this part", "Cite this part of the picture")
        self._offer.place(area, area)

    def _on_offer(self) -> None:
        selector = self.selector_at_hand()
        self.clear_selection()
        if selector is not None:
            self.selector_drawn.emit(selector)
