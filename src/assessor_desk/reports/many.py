"""Many feedback reports at once, on all cores: handed out in order, as they are made, memory staying flat.

Processes are started afresh (“spawn”), which every system knows, and get their work through a pipe: nothing is written
to a disk, nothing stands in an argument. They end with the program, also where that was killed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.connection import wait
from threading import Event, Thread

from assessor_desk.domain.errors import Unavailable
from assessor_desk.domain.exports import ExportFormat

from .feedback_report import FeedbackReport
from .report_documents import report_docx, report_html, report_pdf

THREE_FORMATS = (ExportFormat.PDF, ExportFormat.DOCX, ExportFormat.HTML)
#: Reports under way for each process: enough that none waits, few enough that memory stays flat.
UNDER_WAY = 4


@dataclass(frozen=True, slots=True)
class ReportOrder:
    """A report to be made: its content, the decision's feedback.json, and in which formats."""

    report: FeedbackReport
    feedback_json: bytes
    formats: tuple[ExportFormat, ...] = THREE_FORMATS


@dataclass(frozen=True, slots=True)
class MadeReport:
    """A report's files, the PDF not yet sealed; `key` is the submission's."""

    key: str
    files: Mapping[ExportFormat, bytes]


def make_report(order: ReportOrder) -> MadeReport:
    """One report, here and now."""
    return MadeReport(order.report.key, {one: _written(order, one) for one in order.formats})


def make_reports(
    orders: Iterable[ReportOrder],
    *,
    workers: int | None = None,
    stop: Event | None = None,
    progress: Callable[[int], None] | None = None,
) -> Iterator[MadeReport]:
    """The reports in the order asked for, each as soon as it and those before it are made.

    `orders` is read a few ahead, and waits while nobody takes what is made. `workers` is one a core unless said.
    Setting `stop`, or closing the iterator, ends it after those under way. `progress` hears how many are made.
    Raises Unavailable where a process ended by itself, as for want of memory.
    """
    stopping = stop or Event()
    cores = workers or os.cpu_count() or 1
    spawned = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(cores, mp_context=spawned, initializer=_begin_work)
    made = 0
    try:
        for made, report in enumerate(_in_turn(pool, cores, iter(orders), stopping), 1):
            if progress:
                progress(made)
            yield report
    except BrokenProcessPool as error:
        words = f"A process that makes reports ended by itself after {made} were made (is memory short?); make the rest"
        raise Unavailable(f"{words} again") from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _in_turn(
    pool: ProcessPoolExecutor, workers: int, orders: Iterator[ReportOrder], stop: Event
) -> Iterator[MadeReport]:
    """A bounded number under way, the oldest handed out first."""
    under_way: deque[Future[MadeReport]] = deque()
    most = UNDER_WAY * workers
    while not stop.is_set():
        for order in orders:
            under_way.append(pool.submit(make_report, order))
            if len(under_way) >= most:
                break
        if not under_way:
            return
        yield under_way.popleft().result()


def _written(order: ReportOrder, wanted: ExportFormat) -> bytes:
    match wanted:
        case ExportFormat.PDF:
            return report_pdf(order.report, order.feedback_json)
        case ExportFormat.DOCX:
            return report_docx(order.report)
        case _:
            return report_html(order.report)


def _begin_work() -> None:
    """In a new process: leave Ctrl-C to the program, and end when it does, however that came about."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_the_program, daemon=True).start()


def _end_with_the_program() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)
