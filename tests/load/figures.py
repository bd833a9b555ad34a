"""What the runs of a load say, side by side, as a table for docs/operating-a-hub.md."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.load.desks import MIX


@dataclass(frozen=True)
class Figures:
    """One run. Seconds by kind of request in the evening; `busy` seconds of the hub's processors for each request."""

    home: str
    processes: int
    at_once: int
    rate: float
    busy: float
    peak: float
    asked: int
    again: int
    killed: bool
    errors: int
    took: dict[str, list[float]]
    #: The most that each process had, in bytes.
    memory: list[int] = field(default_factory=list)
    kept: str = ""


def cuts(took: list[float]) -> tuple[float, float, float]:
    """Median, 95th and 99th percentile, in milliseconds."""
    several = statistics.quantiles(took, n=100, method="inclusive") if len(took) > 1 else took * 99
    median, most, nearly_all = (several[n] * 1000 for n in (49, 94, 98))
    return median, most, nearly_all


def as_table(runs: list[Figures]) -> str:
    """Markdown: a column for each run, a row for each thing measured."""
    rows: list[tuple[str, Callable[[Figures], str]]] = [
        ("`--runs`", lambda one: f"`{one.home}-{one.processes}`"),
        (f"requests a second, {runs[0].at_once} at once", lambda one: f"{one.rate:.0f}"),
        ("processor time at the hub for each", lambda one: f"{one.busy * 1000:.1f} ms"),
        ("evening: at its peak", lambda one: f"{one.peak:.0f} a second"),
        *((f"evening: {kind}, median and 99 %", _of(kind)) for kind in MIX),
        ("evening: all, 99 %", lambda one: f"{_cut_of_all(one):.0f} ms"),
        ("evening: asked, failed", lambda one: f"{one.asked}, {one.errors}"),
        ("a process killed amid it", lambda one: f"yes, {one.again} asked again" if one.killed else "no"),
        ("packets", lambda one: one.kept),
        ("memory of a process at most", lambda one: f"{max(one.memory) / 2**20:.0f} MB"),
    ]
    lines = ["| | " + " | ".join(map(_heading, runs)) + " |", "| --- |" + " --- |" * len(runs)]
    lines += [f"| {words} | " + " | ".join(told(one) for one in runs) + " |" for words, told in rows]
    return "\n".join(lines)


def _heading(one: Figures) -> str:
    where = "SQLite and a folder" if one.home == "folder" else "PostgreSQL and a store"
    return f"{where}, {one.processes} process{'es' if one.processes > 1 else ''}"


def _of(kind: str) -> Callable[[Figures], str]:
    def told(one: Figures) -> str:
        if not one.took.get(kind):
            return "none"
        median, _, nearly_all = cuts(one.took[kind])
        return f"{median:.0f} and {nearly_all:.0f} ms"

    return told


def _cut_of_all(one: Figures) -> float:
    return cuts([each for several in one.took.values() for each in several])[2]
