"""Rasters are made one at a time, only while they are wanted, and within a bound of memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from PySide6.QtCore import QRectF
from pytestqt.qtbot import QtBot

from assessor_desk.domain.anchor import Box
from assessor_desk.domain.errors import Damaged
from assessor_desk.gui.viewers.page_layout import Column, box_of, share_of_box
from assessor_desk.gui.viewers.renders import Renders, Wanted
from assessor_desk.gui.viewers.tones import TonedRaster


@dataclass
class Lane:
    """Holds work until the test lets it run."""

    waiting: list[tuple[Callable[[], Any], Callable[[Any], None], Callable[[Any], None]]] = field(
        default_factory=list
    )

    def __call__(
        self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Any], None]
    ) -> None:
        self.waiting.append((work, done, failed))

    def run_one(self) -> None:
        work, done, failed = self.waiting.pop(0)
        try:
            answer = work()
        except Damaged as error:
            failed(error)
        else:
            done(answer)


@dataclass
class Pages:
    """Makes rasters of 100 by 100 pixels and remembers which."""

    made: list[int] = field(default_factory=list)

    def render(self, page: int, _scale: float, _rotation: int) -> TonedRaster:
        if page == 99:
            raise Damaged("page 100 is damaged")
        self.made.append(page)
        return TonedRaster(100, 100, 400, bytes(40_000))


@pytest.fixture
def lane() -> Lane:
    return Lane()


@pytest.fixture
def pages() -> Pages:
    return Pages()


@pytest.fixture
def renders(qtbot: QtBot, lane: Lane, pages: Pages) -> Renders:
    found = Renders(lane, budget=100_000)
    found.begin(pages.render)
    return found


def wanted(*numbers: int) -> list[Wanted]:
    return [Wanted(number, 1.0, 0) for number in numbers]


def test_one_raster_is_under_way_at_a_time(renders: Renders, lane: Lane, pages: Pages) -> None:
    renders.want(wanted(0, 1, 2))
    assert len(lane.waiting) == 1
    lane.run_one()
    assert pages.made == [0]
    assert len(lane.waiting) == 1


def test_what_is_no_longer_wanted_is_never_begun(renders: Renders, lane: Lane, pages: Pages) -> None:
    renders.want(wanted(0, 1, 2))
    renders.want(wanted(7))
    lane.run_one()
    lane.run_one()
    assert pages.made == [0, 7]
    assert renders.idle


def test_no_more_bytes_are_kept_than_the_budget_and_the_latest_stay(renders: Renders, lane: Lane) -> None:
    for number in range(6):
        renders.want(wanted(number))
        lane.run_one()
    assert renders.bytes_kept <= 100_000
    assert renders.image(5, 0) is not None
    assert renders.image(0, 0) is None


def test_a_page_that_cannot_be_rendered_is_told_once_and_not_tried_again(
    renders: Renders, lane: Lane, qtbot: QtBot
) -> None:
    renders.want(wanted(99))
    with qtbot.waitSignal(renders.failed):
        lane.run_one()
    renders.want(wanted(99))
    assert renders.is_broken(99)
    assert lane.waiting == []


def test_what_arrives_for_an_earlier_document_is_dropped(renders: Renders, lane: Lane, pages: Pages) -> None:
    renders.want(wanted(0))
    renders.begin(pages.render)
    lane.run_one()
    assert renders.image(0, 0) is None


def test_another_scale_shows_the_old_raster_until_the_new_one_comes(renders: Renders, lane: Lane) -> None:
    renders.want(wanted(0))
    lane.run_one()
    renders.want([Wanted(0, 2.0, 0)])
    assert renders.image(0, 0) is not None
    assert renders.image(0, 90) is None


def test_pages_in_sight_follow_from_the_scrolled_place() -> None:
    column = Column.of([(72, 72), (72, 144), (72, 72)], 1.0, 0)
    assert list(column.pages_between(0, 50)) == [0]
    assert list(column.pages_between(0, column.height)) == [0, 1, 2]
    assert list(column.pages_between(column.tops[2] + 1, column.height)) == [2]
    assert Column.of([(72, 144)], 1.0, 90).sizes[0].width() == 192


def test_a_box_in_per_cent_and_in_fractions_is_the_same_box() -> None:
    box = Box(12.5, 20, 30, 5)
    assert box_of(share_of_box(box)) == box


def test_a_box_dragged_past_the_edge_ends_at_the_edge_and_a_line_is_no_box() -> None:
    assert box_of(QRectF(0.9, 0.9, 0.5, 0.5)) == Box(90, 90, 10, 10)
    assert box_of(QRectF(0.5, 0.5, 0.2, 0.001)) is None


def test_a_raster_that_outlived_its_wish_does_not_replace_the_one_that_is_wanted(
    renders: Renders, lane: Lane
) -> None:
    wide, narrow = Wanted(0, 2.0, 0), Wanted(0, 1.0, 0)
    renders.want([wide])
    lane.run_one()

    renders.want([narrow])
    renders.want([wide])  # the window is as wide as it was before the narrow one is made
    lane.run_one()

    part = renders.part(0, 0)
    assert part is not None
    assert part[1] == wide
    assert renders.idle
