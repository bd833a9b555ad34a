"""The figures of a cohort report over 10,000 reviews, against pandas reading the same rows and making the same tables.

Both begin at one SQLite file as a programme would keep it: a table of decisions, one of their levels, times as ISO
8601 text. Both end with every figure of the report: outcomes, levels and next steps, attempts, months, districts, and
quantiles of four stretches in days and in working days (ours still sorted, of which any quantile is a look). That the
figures are equal is the business of tests/domain/test_cohort.py; the totals are compared here once.
"""

import contextlib
import sqlite3
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import holidays
import numpy as np
import pandas as pd
from harness import Measure, seconds

from assessor_desk.domain.cohort import CohortFigures, CohortRow, cohort_figures
from assessor_desk.domain.rubric import Outcome
from assessor_desk.rubric_files.calendars import working_days

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.reports.cohort_rows import MATHS, POLICY, RELATIONSHIPS, rubrics_of, some_rows

REVIEWS = 10_000
TIMES = ("submitted_at", "delivered_at", "decided_at", "released_at")
SPANS = ((0, 1), (1, 2), (2, 3), (0, 3))
SHARES = (0.25, 0.5, 0.75, 0.9)
DECISIONS = (
    "SELECT decision, micro_credential, rubric_version, district, attempt, outcome, agreed, {} FROM decisions"
)
SQL = DECISIONS.format(", ".join(TIMES))
LEVELS = "SELECT decision, criterion, level, next_step FROM levels"
PATTERNS = """
SELECT decision, group_concat(criterion || '=' || level || '=' || next_step, ' ') FROM levels GROUP BY decision
"""


@contextlib.contextmanager
def measures(folder: Path) -> Iterator[list[Measure]]:
    """Write the file, make sure that both say the same, measure."""
    path = folder / "decisions.sqlite"
    write(path)
    ours, theirs = by_us(path), by_pandas(path)
    assert (ours.scored, ours.earned) == (theirs["scored"], theirs["earned"])
    assert sum(sum(line.levels) for one in ours.rubrics for line in one.criteria) == theirs["levels"].sum()
    name = "cohort figures of 10,000 reviews / pandas"
    yield [
        Measure(name, lambda: seconds(lambda: by_pandas(path)), lambda: seconds(lambda: by_us(path)), 1.0, 10)
    ]


def write(path: Path) -> None:
    """The rows as a file."""
    rows = some_rows(REVIEWS, names=(MATHS, RELATIONSHIPS))
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TABLE decisions (decision PRIMARY KEY, micro_credential, rubric_version, district, attempt,"
            " outcome, agreed, submitted_at, delivered_at, decided_at, released_at)"
        )
        connection.execute(
            "CREATE TABLE levels (decision, criterion, level, next_step,"
            " PRIMARY KEY (decision, criterion)) WITHOUT ROWID"
        )
        for row in rows:
            times = [at.isoformat() if at else None for at in (getattr(row, name) for name in TIMES)]
            said = (row.decision, row.micro_credential, row.rubric_version, row.district, row.attempt)
            connection.execute(
                "INSERT INTO decisions VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                (*said, row.outcome, row.agreed, *times),
            )
            connection.executemany(
                "INSERT INTO levels VALUES (?,?,?,?)",
                [(row.decision, c, level, c in row.next_steps) for c, level in row.levels.items()],
            )


def by_us(path: Path) -> CohortFigures:
    """Rows of the file, and their figures. Reviews with the same levels and next steps share them."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        patterns = dict(connection.execute(PATTERNS))
        found = {pattern: scored(pattern) for pattern in {*patterns.values(), ""}}
        rows = [
            CohortRow(
                d, rubric, version, district, attempt, OUTCOMES[outcome], *found[patterns.get(d, "")],
                at(submitted), at(delivered), at(decided), at(released) if released else None, bool(agreed),
            )
            for d, rubric, version, district, attempt, outcome, agreed, submitted, delivered, decided, released
            in connection.execute(SQL)
        ]  # fmt: skip
    return cohort_figures(rows, rubrics_of(), working_days("US"), POLICY.due)


def scored(pattern: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Levels by criterion, and the criteria with a next step."""
    lines = [line.split("=") for line in pattern.split()]
    levels = {criterion: level for criterion, level, _ in lines}
    return levels, tuple(criterion for criterion, _, step in lines if step == "1")


at = datetime.fromisoformat
OUTCOMES = {one.value: one for one in Outcome}


def by_pandas(path: Path) -> dict[str, Any]:
    """The same tables as one would write them with pandas."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        frame = pd.read_sql_query(SQL, connection)
        levels = pd.read_sql_query(LEVELS, connection)
    for name in TIMES:
        frame[name] = pd.to_datetime(frame[name], format="ISO8601", utc=True)
    frame = frame[frame.outcome != "incomplete"]
    frame = frame.assign(earned=frame.outcome == "earned", month=frame.decided_at.dt.strftime("%Y-%m"))
    long = levels.merge(frame[["decision", "micro_credential", "rubric_version"]], on="decision")
    keys = ["micro_credential", "rubric_version", "criterion", "level"]
    free = np.array(sorted(holidays.country_holidays("US", years=range(2026, 2028))), dtype="datetime64[D]")
    return {
        "scored": len(frame),
        "earned": int(frame.earned.sum()),
        "levels": long.groupby(keys).size(),
        "next_steps": long[long.next_step == 1].groupby(keys).size(),
        "attempts": frame.groupby("attempt").earned.agg(["size", "sum"]),
        "districts": frame.district.value_counts(),
        "turnaround": [_spans(frame, TIMES[start], TIMES[end], free) for start, end in SPANS],
        "months": frame.assign(taken=_working_days(frame, "delivered_at", "decided_at", free))
        .groupby("month")
        .agg(scored=("earned", "size"), earned=("earned", "sum"), deciding=("taken", "median")),
    }


def _spans(frame: pd.DataFrame, start: str, end: str, free: Any) -> tuple[Any, Any]:
    known = frame[frame[end].notna()]
    days = (known[end] - known[start]).dt.total_seconds() / 86400
    return days.quantile(SHARES), np.quantile(_working_days(known, start, end, free), SHARES)


def _working_days(frame: pd.DataFrame, start: str, end: str, free: Any) -> Any:
    ends = [
        frame[name].dt.tz_localize(None).to_numpy().astype("datetime64[D]") + np.timedelta64(1, "D")
        for name in (start, end)
    ]
    return np.busday_count(*ends, holidays=free)
