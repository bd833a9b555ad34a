"""Many reports at once: in order, no more under way than fits, ended when wanted, nothing on a disk."""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from tests.reports.decided import a_report, feedback_json
from tests.reports.reading_back import text_of

from assessor_desk.domain.errors import Unavailable
from assessor_desk.domain.exports import ExportFormat
from assessor_desk.reports.many import THREE_FORMATS, UNDER_WAY, ReportOrder, make_report, make_reports

HTML_ALONE = (ExportFormat.HTML,)


def orders(count: int, formats: tuple[ExportFormat, ...] = HTML_ALONE) -> list[ReportOrder]:
    report, data = a_report(), feedback_json()
    return [ReportOrder(replace(report, key=f"K-{number}"), data, formats) for number in range(count)]


def test_reports_come_in_the_order_asked_for_each_with_its_three_files() -> None:
    wanted = orders(3, THREE_FORMATS)
    made = list(make_reports(wanted, workers=2))

    assert [one.key for one in made] == ["K-0", "K-1", "K-2"]
    alone = make_report(wanted[0])
    assert made[0].files[ExportFormat.PDF] == alone.files[ExportFormat.PDF]
    assert made[0].files[ExportFormat.HTML] == alone.files[ExportFormat.HTML]
    assert set(made[0].files) == set(THREE_FORMATS)
    assert "Not yet earned." in text_of(made[2].files[ExportFormat.PDF])


def test_progress_is_told_after_each() -> None:
    told: list[int] = []
    list(make_reports(orders(4), workers=1, progress=told.append))

    assert told == [1, 2, 3, 4]


def test_orders_are_read_only_a_few_ahead_of_what_is_taken() -> None:
    read: list[str] = []

    def watched() -> Iterator[ReportOrder]:
        for order in orders(40):
            read.append(order.report.key)
            yield order

    made = make_reports(watched(), workers=2)
    next(made)
    next(made)
    ahead = len(read) - 2
    made.close()  # type: ignore[attr-defined]

    assert ahead <= 2 * UNDER_WAY


def test_stopping_ends_it_and_leaves_no_process_behind() -> None:
    stop = threading.Event()
    made = []
    for one in make_reports(orders(200), workers=2, stop=stop):
        made.append(one.key)
        if len(made) == 3:
            stop.set()

    assert made == ["K-0", "K-1", "K-2"]
    assert not _workers()


def test_a_process_that_ends_by_itself_is_told_as_such() -> None:
    with pytest.raises(Unavailable, match=r"ended by itself after \d+ were made"):
        for _ in make_reports(orders(200), workers=1):
            for one in _workers():
                one.kill()


def test_nothing_is_written_to_a_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMPDIR", "TMP", "TEMP"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    written = [
        name
        for _ in make_reports(orders(3, THREE_FORMATS), workers=1)
        for one in _workers()
        for name in _written_by(one)
    ]

    assert [*written, *tmp_path.iterdir()] == []


def _workers() -> list[psutil.Process]:
    """The processes that make reports; the keeper of shared names beside them is Python's own."""
    return [one for one in psutil.Process().children() if "spawn_main" in _command(one)]


def _command(process: psutil.Process) -> str:
    """Its command line; empty for one that has just ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def _written_by(process: psutil.Process) -> list[str]:
    return [one.path for one in process.open_files() if sys.platform != "linux" or one.mode != "r"]
