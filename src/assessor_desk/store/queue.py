"""A reviewer's queue, by the driver alone: where each submission stands is said in one place, here.

As of the inbox (`first_page`) two things are read, however many there are: the order, ids under headings, out of
indexes that hold all it takes; and how those stand that are looked at. What is overdue follows from a policy's rule
and its calendar, which the file does not know: whoever asks says since when something must wait to be it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from assessor_desk.store.lines import QueueSection, QueueState
from assessor_desk.store.times import stamp, unstamp

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The indexes of migration 0015 are over these very words.
_MINE = "i.role = 'reviewer' AND NOT i.set_aside"
_ASSIGNED = """LEFT JOIN assignments a ON a.submission_id = i.submission_id AND NOT a.set_aside
    AND json_extract(a.content, '$.role') = 'reviewer'"""
#: The newest revision alone counts: who corrects a decision has not passed anything back.
_PASSED = """SELECT r.submission_id FROM entries e JOIN reviews r ON r.id = e.review_id
    WHERE e.kind = 'decided' AND json_extract(e.data, '$.kind') = 'passed_back'
    AND r.revision = (SELECT max(n.revision) FROM reviews n WHERE n.assignment_id = r.assignment_id)"""
_HELD = "SELECT submission_id FROM holds WHERE lifted_at IS NULL"
_STATE = f"""CASE WHEN i.state = 'released' THEN 'released' WHEN i.submission_id IN ({_HELD}) THEN 'on_hold'
    WHEN i.state IN ('sealed_waiting', 'delivered') AND i.submission_id IN ({_PASSED}) THEN 'passed_back'
    WHEN i.state = 'sealed_waiting' THEN 'sealed_waiting' WHEN i.state = 'delivered' THEN 'on_hub'
    WHEN i.state = 'to_decide' THEN 'to_decide' ELSE 'awaited' END"""
_RUBRIC = "json_extract(a.content, '$.rubric_id')"
_POLICY = "json_extract(a.content, '$.policy_id')"
_POLICY_VERSION = "json_extract(a.content, '$.policy_version')"
_ASKED = "json_extract(a.content, '$.assigned_at')"
_ARRIVED = "(SELECT max(d.received_at) FROM delivered d WHERE d.submission_id = i.submission_id AND d.held)"
#: NULL before there is a verified packet.
_SINCE = f"max({_ARRIVED}, coalesce({_ASKED}, ''))"
#: A programme that words a policy otherwise than another has an end of its own.
_END = """(SELECT t.until FROM ends t WHERE t.policy = one.policy AND t.version = one.version
    AND t.source IN (one.source, '') ORDER BY t.source DESC LIMIT 1)"""
_ENDS = """ends AS MATERIALIZED (SELECT json_extract(value, '$[0]') AS policy, json_extract(value, '$[1]') AS version,
    json_extract(value, '$[2]') AS source, json_extract(value, '$[3]') AS until FROM json_each(:ends))"""
#: One letter a line, in the order of `QueueSection`.
_LETTER = """CASE state WHEN 'to_decide' THEN CASE WHEN late THEN 'a' ELSE 'b' END WHEN 'on_hold' THEN 'c'
    WHEN 'awaited' THEN 'd' WHEN 'passed_back' THEN 'e' WHEN 'released' THEN 'g' ELSE 'f' END"""
_LETTERS = dict(zip(QueueSection, "abcdefg", strict=True))
_FITS = """(:states = '[]' OR state IN (SELECT value FROM json_each(:states)))
    AND (:rubric = '' OR rubric = :rubric) AND (late OR NOT :late)"""
#: Under each heading what waits for the longest comes first, by the day; within a day as the inbox has it.
_ORDER = f"""WITH {_ENDS},
    standing AS MATERIALIZED (SELECT i.submission_id AS own_id, {_STATE} AS state, {_RUBRIC} AS rubric,
        {_SINCE} AS since, {_POLICY} AS policy, {_POLICY_VERSION} AS version, i.source AS source,
        i.rank AS rank, coalesce(i.due_at, '~') AS due, i.key AS key
        FROM inbox i {_ASSIGNED} WHERE {_MINE} AND (:search = '' OR instr(i.search_text, :search))),
    judged AS (SELECT *, state IN ('to_decide', 'on_hold') AS waits,
        CASE WHEN state IN ('to_decide', 'on_hold') THEN coalesce(since < {_END}, 0) ELSE 0 END AS late
        FROM standing one)
    SELECT json_group_array(own_id) FILTER (WHERE fits), group_concat(letter, '') FILTER (WHERE fits),
        json_group_array(DISTINCT rubric) FILTER (WHERE rubric IS NOT NULL)
    FROM (SELECT own_id, {_LETTER} AS letter, rubric, {_FITS} AS fits FROM judged
        ORDER BY letter, CASE WHEN waits THEN coalesce(substr(since, 1, 10), '~') END, rank, due, key)"""  # noqa: S608
_LINES = f"""SELECT i.submission_id, {_STATE}, coalesce({_RUBRIC}, ''),
    {_POLICY}, {_POLICY_VERSION}, i.source, {_SINCE},
    (SELECT json_extract(e.data, '$.outcome') FROM reviews r JOIN entries e ON e.review_id = r.id
        WHERE r.assignment_id = a.id AND e.kind = 'decided'
        AND r.revision = (SELECT max(n.revision) FROM reviews n WHERE n.assignment_id = a.id))
    FROM inbox i {_ASSIGNED} WHERE {_MINE} AND """  # noqa: S608
_SOME = f"{_LINES} i.submission_id IN (SELECT value FROM json_each(?))"  # noqa: S608
_DECIDED = f"{_LINES} i.state IN ('sealed_waiting', 'delivered')"
#: What a programme words otherwise than another is kept beside it: see `reading.apart`.
_POLICIES = """SELECT substr(kind, length('policy of ') + 1), id, version, content FROM published
    WHERE kind = 'policy' OR (kind >= 'policy of ' AND kind < 'policy of!')"""
#: By the index `submissions_of_rubric`.
_TITLED = """SELECT i.title, i.short_title FROM submissions s JOIN inbox i ON i.submission_id = s.id
    WHERE json_extract(s.content, '$.rubric_id') = ? LIMIT 1"""


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One submission that this person decides on.

    `since` is when the newest verified packet came to the hub, or when it was assigned if that was later; None before
    there is one. `outcome` is that of the newest sealed decision, empty where there is none. Where nothing stands
    assigned any more, `rubric_id` and `policy_id` are empty.
    """

    submission_id: str
    state: QueueState
    rubric_id: str
    policy_id: str
    policy_version: str
    source: str
    since: datetime | None
    outcome: str


@dataclass(frozen=True, slots=True)
class QueueEnd:
    """By which time something must have begun to wait to be overdue, under one policy; `source` is empty for most, and
    names a programme that words the policy otherwise."""

    policy_id: str
    version: str
    source: str
    until: datetime


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What of the queue is wanted: these states (none named: all), one rubric, only what is overdue."""

    states: frozenset[QueueState] = frozenset()
    rubric_id: str = ""
    overdue: bool = False

    @property
    def empty(self) -> bool:
        """Whether it lets everything through."""
        return not (self.states or self.rubric_id or self.overdue)


@dataclass(frozen=True, slots=True)
class QueueOrder:
    """What is wanted of the queue: of each section that is not empty the submissions in their order, by id.

    `titles` names the micro-credentials in all of the queue, wanted or not, by their rubrics' ids.
    """

    sections: Mapping[QueueSection, Sequence[str]] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)


def read_queue(connection: Any, search: str, wanted: QueueFilter, ends: Iterable[QueueEnd]) -> QueueOrder:
    """The order of what contains `search` and is wanted."""
    asked = {
        "search": search.strip().casefold(),
        "states": json.dumps(sorted(wanted.states)),
        "rubric": wanted.rubric_id,
        "late": wanted.overdue,
        "ends": json.dumps([(one.policy_id, one.version, one.source, stamp(one.until)) for one in ends]),
    }
    told, letters, rubrics = connection.execute(_ORDER, asked).fetchone()
    ids: Iterator[str] = iter(json.loads(told))
    counts = {section: (letters or "").count(letter) for section, letter in _LETTERS.items()}
    sections = {section: list(islice(ids, count)) for section, count in counts.items() if count}
    return QueueOrder(sections, _titles(connection, json.loads(rubrics)))


def read_queue_lines(connection: Any, ids: Sequence[str]) -> list[QueueLine]:
    """How these submissions stand, those left out that are not decided on here; in no order."""
    return [_line(*found) for found in connection.execute(_SOME, (json.dumps(ids),))]


def read_decided(connection: Any) -> list[QueueLine]:
    """How all stand that are decided and not released; in no order."""
    return [_line(*found) for found in connection.execute(_DECIDED)]


def read_policies(connection: Any) -> list[tuple[str, str, str, bytes]]:
    """Every policy here: the source whose own words it is in (empty for most), id, version, its JSON as published."""
    return [(source, own_id, version, bytes(content))
            for source, own_id, version, content in connection.execute(_POLICIES)]  # fmt: skip


def _titles(connection: Any, rubrics: Sequence[str]) -> dict[str, str]:
    found = {rubric: connection.execute(_TITLED, (rubric,)).fetchone() for rubric in rubrics}
    return {rubric: row[1] or row[0] for rubric, row in found.items() if row is not None}


def _line(
    own_id: str, state: str, rubric: str, policy: str | None, version: str | None, source: str, since: str | None,
    outcome: str | None,
) -> QueueLine:  # fmt: skip
    return QueueLine(
        own_id, QueueState(state), rubric, policy or "", version or "", source,
        None if since is None else unstamp(since), outcome or "",
    )  # fmt: skip
