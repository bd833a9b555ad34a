"""What a first round writes by the ten thousand: statements made once; a journal reads what it held before."""

import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from assessor_desk.domain.changes import SourceChanges
from assessor_desk.store.journal import Change, Journal
from assessor_desk.store.records import text_of
from assessor_desk.store.store import Store

MakePage = Callable[..., SourceChanges]
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ROWS: list[Change] = [
    ("published", {"id": "a", "content": b"\x00\xff[", "n": 2**40, "x": None, "t": "ünï “q”"}, False),
    ("outbox", {"id": "b"}, True),
]


def _as_before(changes: Sequence[Change]) -> bytes:
    def plain(row: dict[str, object]) -> dict[str, object]:
        return {
            name: {"b": b64encode(one).decode()} if isinstance(one, bytes) else one
            for name, one in row.items()
        }

    return json.dumps(
        [[table, plain(row), gone] for table, row, gone in changes], ensure_ascii=False
    ).encode()


def test_a_journal_reads_records_from_before_beside_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Journal(tmp_path / "journal", b"k" * 32)
    with monkeypatch.context() as context:
        context.setattr(msgspec.msgpack, "encode", _as_before)
        kept.append(1, ROWS, NOW)
    kept.append(2, ROWS, NOW)
    kept.append(3, [], NOW)
    kept.close()
    records = list(Journal(tmp_path / "journal", b"k" * 32).records())
    assert [one.number for one in records] == [1, 2, 3]
    assert list(records[0].changes) == list(records[1].changes) == ROWS
    assert records[2].changes == ()


def test_text_for_which_utf_8_has_no_signs_is_kept_all_the_same() -> None:
    told = {"label": "half a sign: \ud83d", "name": "ünï", "none": None}
    assert json.loads(text_of(told)) == told


def test_ids_by_the_thousand_are_one_statement(store: Store, page: MakePage) -> None:
    changes = page(1500)
    store.accept(changes, "source")
    store.accept(changes, "source")
    assert store.counts(changes.submissions[0].source).assignments == 1500
    assert len({row.submission_id for row in store.inbox()}) == 1500


def test_a_submission_whose_files_all_went_weighs_nothing(store: Store, page: MakePage) -> None:
    changes = page(2)
    store.accept(changes, "source")
    bare = replace(changes.submissions[0], artifacts=())
    store.accept(SourceChanges("c2", submissions=(bare,)), "source")
    weights = {row.submission_id: row.total_bytes for row in store.inbox()}
    assert weights[bare.id] == 0
    assert weights[changes.submissions[1].id] > 0


def _asked(store: Store, changes: SourceChanges) -> list[tuple[str, Any]]:
    """What is asked of the file to take a page; a statement for many rows once."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, words: str, values: Any, *_: object) -> None:
        asked.append((words, values[0] if isinstance(values, list) else values))

    sa.event.listen(store._engine, "before_cursor_execute", note)
    store.accept(changes, "source")
    sa.event.remove(store._engine, "before_cursor_execute", note)
    return asked


def test_a_page_is_as_many_statements_for_many_rows_as_for_few(store: Store, page: MakePage) -> None:
    store.accept(page(1), "source")
    asked = [len(_asked(store, page(count))) for count in (2, 40, 400)]
    assert len(set(asked)) == 1
    assert asked[0] < 40


def test_a_page_is_written_by_keys_and_goes_through_no_table(store: Store, page: MakePage) -> None:
    store.accept(page(1), "source")
    asked = [one for one in _asked(store, page(40)) if one[0].startswith(("SELECT", "UPDATE", "DELETE"))]
    with store.reading() as view:
        plans = [
            row[3]
            for words, values in asked
            for row in view._connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", values)
        ]
    tables = ("submissions", "assignments", "artifacts", "inbox", "published", "entries", "reviews")
    assert any(step.startswith("SEARCH submissions") for step in plans)
    assert [step for step in plans if step.startswith(tuple(f"SCAN {table}" for table in tables))] == []
