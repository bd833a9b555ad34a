"""A desk's file with many decisions in it that nobody made: rows for figures, and texts to search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa

from assessor_desk.desk import Desk
from assessor_desk.domain.cohort import CohortRow
from assessor_desk.domain.policy import Policy
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.domain.rubric import Rubric
from assessor_desk.domain.submission import Assignment, Submission
from assessor_desk.rubric_files import policy_to_json, rubric_to_json
from assessor_desk.store import tables as t
from assessor_desk.store.records import assignment_to_json, submission_to_json

AT_ONCE = 2000
Row = dict[str, Any]
Texts = Callable[[int], Sequence[tuple[str, str, str]]]
"""Field, criterion and words of the texts of a review, by its number."""


def fill(
    desk: Desk,
    rows: Iterable[CohortRow],
    rubrics: Iterable[Rubric],
    policy: Policy,
    texts: Texts = lambda _: (),
) -> None:
    """Each row as a decided submission: its packet taken in, its decision sealed, its report perhaps released."""
    numbered = enumerate(rows)
    _insert(
        desk,
        [("published", _published("rubric", one.id, one.version, rubric_to_json(one))) for one in rubrics],
    )
    _insert(desk, [("published", _published("policy", policy.id, policy.version, policy_to_json(policy)))])
    while some := list(islice(numbered, AT_ONCE)):
        _insert(desk, [line for number, row in some for line in _lines(number, row, policy)])
        _index(desk, [(number, *one) for number, _ in some for one in texts(number)])


def _insert(desk: Desk, lines: Sequence[tuple[str, Row]]) -> None:
    by_table: dict[str, list[Row]] = {}
    for name, row in lines:
        by_table.setdefault(name, []).append(row)
    with desk.store.transaction() as work:
        for name, found in by_table.items():
            work._connection.execute(sa.insert(t.metadata.tables[name]).prefix_with("OR IGNORE"), found)
        work.commit()


def _index(desk: Desk, texts: Sequence[tuple[int, str, str, str]]) -> None:
    if texts:
        with desk.store.transaction() as work:
            work._connection.exec_driver_sql(
                "INSERT INTO review_texts VALUES (?, ?, ?, ?, ?)",
                [(packet_of(number), f"s-{number}", *others) for number, *others in texts],
            )
            work.commit()


def packet_of(number: int) -> str:
    """The digest of a row's packet."""
    return f"{number:064x}"


def _published(kind: str, own_id: str, version: str, content: bytes) -> Row:
    return {"kind": kind, "id": own_id, "version": version, "content": content, "signature": b""}


def _lines(number: int, row: CohortRow, policy: Policy) -> Iterator[tuple[str, Row]]:
    own, packet = f"s-{number}", packet_of(number)
    submission = Submission(
        own, "source", f"K-{number}", row.micro_credential, row.attempt, (), submitted_at=row.submitted_at
    )
    assignment = Assignment(
        f"a-{number}", own, "R-1", Role.REVIEWER, Purpose.DECIDE, row.micro_credential, row.rubric_version,
        policy.id, policy.version,
    )  # fmt: skip
    yield "submissions", {
        "id": own, "source": "source", "key": submission.key, "version": "v", "content": submission_to_json(submission),
    }  # fmt: skip
    yield (
        "assignments",
        {"id": assignment.id, "submission_id": own, "content": assignment_to_json(assignment)},
    )
    yield "reviews", {
        "id": f"d-{number}", "submission_id": own, "assignment_id": assignment.id, "revision": 1,
        "purpose": Purpose.DECIDE.value, "opened_at": row.decided_at,
    }  # fmt: skip
    yield "delivered", {
        "digest": packet, "submission_id": own, "assignment_id": "a", "person": "P-1", "source": "source",
        "received_at": row.delivered_at, "receipt": b"", "blob": packet, "blob_key": b"k", "length": 1, "here": True,
        "held": True, "stated": _stated(row),
    }  # fmt: skip
    said = {"digest": row.decision, "kind": "confirmed", "outcome": row.outcome.value, "covers": []}
    for place, (kind, data) in enumerate((("bases_taken", {"packets": [packet]}), ("decided", said))):
        yield "entries", {
            "id": f"e-{number}-{place}", "review_id": f"d-{number}", "kind": kind, "data": data, "at": row.decided_at,
            "device": "here", "counter": 2 * number + place, "step": f"d-{number}",
        }  # fmt: skip
    yield "recipients", {
        "submission_id": own, "educator_key": f"E-{number}", "name": "", "email": "", "district": row.district,
        "disclosure_agreed": row.agreed,
    }  # fmt: skip
    if row.released_at:
        yield "releases", {
            "decision": row.decision, "submission_id": own, "outcome": row.outcome.value, "how": "hub", "folder": "",
            "at": row.released_at,
        }  # fmt: skip


WORDS = (
    "Both checks come before the last activity, and each has its question and two answers one can expect. "
    * 3
)


def _stated(row: CohortRow) -> Row:
    """As much as a packet of this length states."""
    told = [
        {
            "criterion": criterion, "level": level, "level_title": level, "descriptor": WORDS, "passed": True,
            "strength": WORDS, "next_step": WORDS if criterion in row.next_steps else "", "would_show": "",
            "extension": "", "anchors": [],
        }
        for criterion, level in row.levels.items()
    ]  # fmt: skip
    reasons = [{"criterion": one, "level": level, "rationale": WORDS} for one, level in row.levels.items()]
    return {"review": {"criteria": reasons}, "feedback": {"overall": WORDS, "criteria": told}}
