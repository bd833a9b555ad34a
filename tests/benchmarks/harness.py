"""Ours against a bare floor, alternated in one run.

Single milliseconds say little on a shared machine, ratios within one run say more: floor and ours take turns, a
first turn of each does not count, and the ratio is that of the two medians.

What is started keeps its compiled modules from turn to turn, as every installed program has them: an environment that
forbids that would measure Python's compiler, and only on our side, because Qt's modules come compiled.
"""

import atexit
import functools
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

Timed = Callable[[], float]
"""Does the thing once and gives the seconds that it took."""


@dataclass(frozen=True)
class Measure:
    """One line of the table: `aim` is the highest ratio wanted, `limit_ms` the highest 99th percentile.

    The ratio is that of medians, or of the percentile asked for.
    """

    name: str
    floor: Timed
    ours: Timed
    aim: float
    rounds: int
    limit_ms: float | None = None
    percentile: int = 50


@dataclass(frozen=True)
class Result:
    """The seconds of every turn."""

    measure: Measure
    floor: tuple[float, ...]
    ours: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Ours in times of the floor, each by its median or percentile."""
        return self.typical(self.ours) / self.typical(self.floor)

    def typical(self, taken: tuple[float, ...]) -> float:
        """The median, or the percentile that the measure asks for."""
        if self.measure.percentile == 50 or len(taken) < 2:
            return statistics.median(taken)
        return statistics.quantiles(taken, n=100, method="inclusive")[self.measure.percentile - 1]

    @property
    def slowest(self) -> float:
        """The 99th percentile of ours, in milliseconds."""
        if len(self.ours) < 2:
            return self.ours[0] * 1000
        return statistics.quantiles(self.ours, n=100, method="inclusive")[98] * 1000


def seconds(act: Callable[[], object]) -> float:
    """How long `act` takes."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def seconds_until(word: str, *command: str | Path, given: str = "", deadline: float = 30) -> float:
    """From starting `command` with this Python to its saying `word` on a line of its own; then it must end well.

    `given` is a line for its standard input.
    """
    start, pipe = time.perf_counter(), subprocess.PIPE
    with (
        tempfile.TemporaryFile("w+") as complaints,
        subprocess.Popen(
            [sys.executable, *command],
            stdin=pipe,
            stdout=pipe,
            stderr=complaints,
            text=True,
            env=surroundings(),
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(given + "\n")
        process.stdin.close()
        overdue = threading.Timer(deadline, process.kill)
        overdue.start()
        taken = next((time.perf_counter() - start for line in process.stdout if line.strip() == word), None)
        code = process.wait()
        overdue.cancel()
        if taken is None or code:
            complaints.seek(0)
            raise RuntimeError(
                f"{command[0]} ended with {code}, “{word}” said: {bool(taken)}\n{complaints.read()}"
            )
    return taken


def surroundings() -> dict[str, str]:
    """The environment of floor and ours alike: compiled modules are kept, and where there is no screen there is one
    of 1366 × 768, because the offscreen default is narrower than any desk's."""
    found = {**os.environ, "PYTHONPYCACHEPREFIX": _compiled_modules()}
    found.pop("PYTHONDONTWRITEBYTECODE", None)
    if os.environ.get("QT_QPA_PLATFORM") == "offscreen":
        screen = Path(__file__).with_name("screen.json")
        found["QT_QPA_PLATFORM"] = f"offscreen:configfile={screen}"
    return found


@functools.cache
def _compiled_modules() -> str:
    """A folder of this run, so that nothing is left in the source tree."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    return folder.name


def run(measure: Measure) -> Result:
    """Take turns; the first turn of each only warms caches."""
    turns = [(measure.floor(), measure.ours()) for _ in range(measure.rounds + 1)][1:]
    return Result(measure, tuple(floor for floor, _ in turns), tuple(ours for _, ours in turns))


HEADINGS = ("measure", "ratio", "aim", "floor ms", "ours ms", "p99 ms", "runs", "")


def rows(result: Result) -> Iterator[str]:
    """The cells of one line."""
    measure = result.measure
    yield measure.name
    yield f"{result.ratio:.2f}×"
    yield f"≤ {measure.aim:.1f}×"
    yield f"{result.typical(result.floor) * 1000:.2f}"
    yield f"{result.typical(result.ours) * 1000:.2f}"
    yield "" if measure.limit_ms is None else f"{result.slowest:.1f} (≤ {measure.limit_ms:.0f})"
    yield str(measure.rounds)
    missed = result.ratio > measure.aim or (
        measure.limit_ms is not None and result.slowest > measure.limit_ms
    )
    yield "missed" if missed else "met"


def line(cells: Iterator[str] | tuple[str, ...]) -> str:
    """One line of the table."""
    name, *others = cells
    widths = (7, 8, 10, 10, 13, 5, 7)
    return f"{name:<52}" + "".join(f"{cell:>{width}}" for cell, width in zip(others, widths, strict=True))
