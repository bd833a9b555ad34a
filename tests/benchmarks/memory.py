"""Memory of all our processes while evidence is gone through, over that of the empty window; and again.

Told as proportional set size (what is shared counts once), sampled while it goes on: the peak of the first pass, and of
the second, which must not be higher by more than a tenth. Printed as megabytes; there is no floor to hold them against.
"""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import harness
from evidence_desk import make_desk
from harness import Measure
from long_pdf import long_pdf, photograph
from our_evidence import Window, our_window

PHOTOGRAPHS = 100
GROWTH = 1.1


@contextlib.contextmanager
def measures(folder: Path) -> Iterator[list[Measure]]:
    """Prints its own lines, since nothing here is a time."""
    import psutil

    if not hasattr(psutil.Process().memory_full_info(), "pss"):
        print("this system does not tell proportional set sizes: memory was not measured", file=sys.stderr)
        yield []
        return
    ways = {
        "500 pages of a PDF scrolled": ([("portfolio.pdf", long_pdf())], "scroll"),
        f"{PHOTOGRAPHS} photographs of 12 megapixels": (
            [(f"board-{number}.jpg", photograph()[0]) for number in range(PHOTOGRAPHS)],
            "pictures",
        ),
    }
    for number, (name, (files, act)) in enumerate(ways.items()):
        desk = folder / str(number)
        key = make_desk(desk, [files])
        with our_window(desk, key, harness.surroundings()) as window:
            window.until_done()
            time.sleep(1)
            empty = _megabytes(window.pid)
            window.do("first")
            first, second = (_peak(window, act) for _ in range(2))
        met = "met" if second <= GROWTH * first else "missed"
        print(
            f"{name:<52} over an empty window of {empty:.0f} MB: {first - empty:+.0f} MB, second pass "
            f"{second - empty:+.0f} MB, no growth: {met}",
            flush=True,
        )
    yield []


def _peak(window: Window, act: str) -> float:
    """Megabytes at the highest while the window does something."""
    highest = [0.0]
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.1):
            highest[0] = max(highest[0], _megabytes(window.pid))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        window.do(act)
    finally:
        over.set()
        watching.join()
    return highest[0]


def _megabytes(pid: int) -> float:
    import psutil

    found = 0
    with contextlib.suppress(psutil.NoSuchProcess):
        ours = psutil.Process(pid)
        for process in (ours, *ours.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                found += process.memory_full_info().pss
    return found / 1e6
