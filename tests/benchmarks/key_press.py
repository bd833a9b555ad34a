"""From a key press to the durable commit, against one bare SQLite commit with `synchronous=FULL`."""

import contextlib
import itertools
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from assigned import make_desk
from harness import Measure, seconds

from assessor_desk.desk import Desk
from assessor_desk.domain.review import TextField

TEXT = "The exit tickets are sorted by the mistake they show, and the next day begins with one of them. "


@contextlib.contextmanager
def measures(folder: Path) -> Iterator[list[Measure]]:
    """A letter typed into a text that grows, and a level chosen by its digit."""
    bare = sqlite3.connect(folder / "bare.db", isolation_level=None)
    bare.execute("PRAGMA journal_mode = WAL")
    bare.execute("PRAGMA synchronous = FULL")
    bare.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, text TEXT)")
    with contextlib.closing(bare), make_desk(folder / "desk", 10) as desk:
        submissions = [row.submission_id for row in desk.inbox()]
        criterion = desk.case(submissions[0]).rubric.criteria[0]
        choices = itertools.product([level.id for level in criterion.levels], submissions)
        for own_id in submissions:
            half_done(desk, own_id)
        lengths = itertools.count(1)
        own_id = submissions[0]
        next_choice = itertools.cycle(choices)

        def commit() -> float:
            return seconds(lambda: bare.execute("INSERT INTO kept (text) VALUES (?)", (TEXT,)))

        def letter() -> float:
            text = (TEXT * 20)[: next(lengths)]
            return seconds(lambda: desk.draft_text(own_id, TextField.RATIONALE, text, criterion.id))

        def level() -> float:
            chosen, submission = next(next_choice)
            return seconds(lambda: desk.record_score(submission, criterion.id, chosen))

        yield [
            Measure("a letter typed, durable / bare commit", commit, letter, 6, 1000, limit_ms=10),
            Measure("a level chosen, durable with outbox / bare commit", commit, level, 6, 300, limit_ms=10),
        ]


def half_done(desk: Desk, own_id: str) -> None:
    """Some forty entries: completeness, and for each criterion a level, texts written twice, no evidence."""
    desk.record_completeness(own_id)
    for criterion in desk.case(own_id).rubric.criteria:
        desk.record_score(own_id, criterion.id, criterion.levels[0].id)
        for field in (TextField.RATIONALE, TextField.STRENGTH):
            desk.write_text(own_id, field, TEXT[:50], criterion.id)
            desk.write_text(own_id, field, TEXT, criterion.id)
        desk.declare_no_evidence(own_id, criterion.id)
