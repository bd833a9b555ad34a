"""Rasters of pages: only those in sight are made, one at a time, and a bounded number of bytes is kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from assessor_desk.domain.errors import DeskError
from assessor_desk.gui.viewers.handles import Raster


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page (or frame) at a number of device pixels a unit, turned; or the part of it that `clip` names in pixels.

    `clip` is left, top, width and height.
    """

    page: int
    scale: float
    rotation: int
    clip: tuple[int, int, int, int] | None = None


@dataclass(slots=True)
class _Kept:
    """The image borrows the raster's bytes, so both are kept together."""

    wanted: Wanted
    raster: Raster
    image: QImage


Run = Callable[[Callable[[], Raster], Callable[[Raster], None], Callable[[DeskError], None]], None]
Render = Callable[..., Raster]
"""Called with a page, a scale, a rotation and, where only a part is wanted, a clip."""


class Renders(QObject):
    """What is wanted is said anew after each scroll or zoom; what is no longer wanted is never begun."""

    arrived = Signal(int)
    failed = Signal(int, object)

    def __init__(self, run: Run, budget: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self._budget = budget
        self._render: Render | None = None
        self._kept: OrderedDict[int, _Kept] = OrderedDict()
        self._queue: list[Wanted] = []
        self._last_wanted: dict[int, Wanted] = {}
        self._under_way: Wanted | None = None
        self._broken: set[int] = set()

    def begin(self, render: Render) -> None:
        """Start on another document."""
        self.clear()
        self._render = render

    def clear(self) -> None:
        """Forget everything, also what is under way."""
        self._render = None
        self._kept.clear()
        self._queue.clear()
        self._last_wanted.clear()
        self._broken.clear()
        self._under_way = None

    def want(self, wanted: Sequence[Wanted]) -> None:
        """Have these, most urgent first."""
        for each in wanted:
            if each.page in self._kept:
                self._kept.move_to_end(each.page)
        self._last_wanted = {each.page: each for each in wanted}
        self._queue = [each for each in wanted if each.page not in self._broken and not self._has(each)]
        self._next()

    def image(self, page: int, rotation: int) -> QImage | None:
        """The page's raster at whatever scale is there; None while there is none in this turn."""
        kept = self.kept(page, rotation)
        return kept[0] if kept is not None else None

    def kept(self, page: int, rotation: int) -> tuple[QImage, Raster] | None:
        """The image with the raster whose bytes it borrows."""
        kept = self._kept.get(page)
        return (kept.image, kept.raster) if kept is not None and kept.wanted.rotation == rotation else None

    def part(self, page: int, rotation: int) -> tuple[QImage, Wanted] | None:
        """The image with what it is of, where a part was wanted."""
        kept = self._kept.get(page)
        return (kept.image, kept.wanted) if kept is not None and kept.wanted.rotation == rotation else None

    def is_broken(self, page: int) -> bool:
        """Whether the page could not be rendered; it is not tried again."""
        return page in self._broken

    @property
    def bytes_kept(self) -> int:
        return sum(kept.image.sizeInBytes() for kept in self._kept.values())

    @property
    def idle(self) -> bool:
        """Nothing is under way or waiting."""
        return self._under_way is None and not self._queue

    def _has(self, wanted: Wanted) -> bool:
        kept = self._kept.get(wanted.page)
        return kept is not None and kept.wanted == wanted

    def _next(self) -> None:
        if self._under_way is not None or self._render is None or not self._queue:
            return
        wanted, render = self._queue.pop(0), self._render
        self._under_way = wanted
        self._run(
            lambda: render(
                wanted.page, wanted.scale, wanted.rotation, *([wanted.clip] if wanted.clip else [])
            ),
            lambda raster: self._on_raster(wanted, raster),
            lambda error: self._on_failure(wanted, error),
        )

    def _on_raster(self, wanted: Wanted, raster: Raster) -> None:
        if wanted is not self._under_way:
            return
        self._under_way = None
        if not self._is_outlived(wanted):
            self._kept[wanted.page] = _Kept(wanted, raster, image_of(raster))
            self._kept.move_to_end(wanted.page)
            self._forget_oldest()
            self.arrived.emit(wanted.page)
        self._next()

    def _is_outlived(self, arrived: Wanted) -> bool:
        """Whether what is wanted of its page by now, a window having grown and shrunk back, is there already."""
        wanted = self._last_wanted.get(arrived.page)
        return wanted is not None and wanted != arrived and self._has(wanted)

    def _on_failure(self, wanted: Wanted, error: DeskError) -> None:
        if wanted is not self._under_way:
            return
        self._under_way = None
        self._broken.add(wanted.page)
        self.failed.emit(wanted.page, error)
        self._next()

    def _forget_oldest(self) -> None:
        while len(self._kept) > 1 and self.bytes_kept > self._budget:
            self._kept.popitem(last=False)


def image_of(raster: Raster) -> QImage:
    """The raster as an image that borrows its bytes: keep the raster as long as the image."""
    return QImage(raster.data, raster.width, raster.height, raster.stride, QImage.Format.Format_RGB32)
