"""Feedback reports in three formats on two cores, against one core making the same; and whether memory stays flat.

The rate's floor is one core's time divided by 1.8, so that a ratio of 1 is the aim reached. Memory is that of all
processes together at its highest, as gigabytes in place of seconds (the table then says megabytes): the second half of
a run against the first. With `--quick` there are fewer reports.
"""

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
from harness import Measure, seconds

from assessor_desk.reports.many import ReportOrder, make_report, make_reports

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.reports.decided import a_report, feedback_json

COUNT = 60 if "--quick" in sys.argv else 1000
AIM = 1.8
CORES = 2


@contextlib.contextmanager
def measures(folder: Path) -> Iterator[list[Measure]]:
    """The sample report with a text of its own in each."""
    report, data = a_report(), feedback_json()
    made: list[float] = []

    def orders() -> Iterator[ReportOrder]:
        for number in range(COUNT):
            own = replace(report, key=f"7F3A-{number}", overall=f"{report.overall} This is report {number}.")
            yield ReportOrder(own, data)

    def one_core() -> float:
        return seconds(lambda: [make_report(order) and None for order in orders()]) / AIM

    def two_cores() -> float:
        made.clear()
        return seconds(lambda: [made.append(_memory()) for _ in make_reports(orders(), workers=CORES)])

    def highest(first: bool) -> float:
        half = len(made) // 2
        return max(made[:half] if first else made[half:]) / 1e9

    name = f"{COUNT:,} reports on two cores / one core's time ÷ {AIM}"
    yield [
        Measure(name, one_core, two_cores, 1.0, 1),
        Measure(
            "their memory in MB, second half / first", lambda: highest(True), lambda: highest(False), 1.1, 1
        ),
    ]


def _memory() -> int:
    """Bytes that this process and those it started hold now."""
    here = psutil.Process()
    return sum(_held(one) for one in (here, *here.children(recursive=True)))


def _held(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
