"""What was decided on this desk, for figures over many decisions: a few queries, whatever the number.

What packets state is in the file since they were read, so that neither they nor the decisions are opened again: SQLite
takes levels and next steps out of the JSON. Handed out by a view (`Reading.decided`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from assessor_desk.domain.changes import WithdrawalReason
from assessor_desk.domain.cohort import CohortRow
from assessor_desk.domain.decision import Decision, fold_decision
from assessor_desk.domain.review import Entry, EntryKind
from assessor_desk.domain.rubric import Outcome
from assessor_desk.store import tables as t
from assessor_desk.store.times import unstamp

#: Every sealed decision with what belongs to it, in the order in which they were sealed.
_DECISIONS = """
SELECT r.id, r.submission_id, e.data ->> '$.digest', e.data ->> '$.outcome', e.at, b.data ->> '$.packets',
    a.content ->> '$.rubric_id', a.content ->> '$.rubric_version',
    a.content ->> '$.policy_id', a.content ->> '$.policy_version',
    s.content ->> '$.attempt', s.content ->> '$.submitted_at', coalesce(p.district, ''),
    coalesce(p.disclosure_agreed, 0), l.at,
    CASE WHEN a.set_aside THEN a.aside_for ELSE '' END
FROM entries AS e
JOIN reviews AS r ON r.id = e.review_id
JOIN assignments AS a ON a.id = r.assignment_id
JOIN submissions AS s ON s.id = r.submission_id
JOIN entries AS b ON b.review_id = r.id AND b.kind = 'bases_taken'
LEFT JOIN recipients AS p ON p.submission_id = r.submission_id
LEFT JOIN releases AS l ON l.decision = e.data ->> '$.digest'
WHERE e.kind = 'decided'
    AND (r.assignment_id, r.revision) IN (SELECT assignment_id, max(revision) FROM reviews GROUP BY assignment_id)
    AND NOT EXISTS (SELECT 1 FROM holds AS h WHERE h.submission_id = r.submission_id AND h.lifted_at IS NULL)
ORDER BY e.counter, e.device, e.id
"""
#: Of every packet that counts: criterion, level, and whether a next step is named; and by which version of the rubric.
_PACKETS = """
SELECT digest, received_at, (
    SELECT json_group_array(json_array(
        one.value ->> '$.criterion', one.value ->> '$.level', coalesce(one.value ->> '$.next_step', '') <> ''))
    FROM json_each(delivered.stated, '$.feedback.criteria') AS one),
    coalesce(stated ->> '$.feedback.rubric.version', '')
FROM delivered WHERE held AND stated IS NOT NULL
"""
#: What a reviewer says of levels and of whose feedback goes on is in few decisions, if any.
_ADJUDICATED = (EntryKind.SCORE_RECORDED.value, EntryKind.FEEDBACK_CHOSEN.value)

Told = Mapping[str, tuple[str, bool]]
"""Criterion → its level, and whether a next step goes with it."""


@dataclass(frozen=True, slots=True)
class DecidedLine:
    """The decision that stands on a submission, under which policy, and how a cohort counts it."""

    submission_id: str
    policy: tuple[str, str]
    row: CohortRow


@dataclass(frozen=True, slots=True)
class _Basis:
    packet: str
    received_at: datetime
    told: Told
    rubric_version: str


class Decided:
    """The decisions of one view of the file."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def lines(self) -> list[DecidedLine]:
        """The newest sealed decision on each submission, in the order in which they were sealed.

        Left out: what was passed back, or refused and taken up, and not decided since; what is on hold; what the source
        recalled with its evidence.
        """
        packets, adjudicated = self._packets(), self._adjudicated()
        newest: dict[str, DecidedLine | None] = {}
        for row in self._connection.exec_driver_sql(_DECISIONS):
            newest.pop(row[1], None)
            newest[row[1]] = _line(row, packets, adjudicated.get(row[0]))
        return [line for line in newest.values() if line is not None]

    def _packets(self) -> dict[str, _Basis]:
        return {
            digest: _Basis(digest, unstamp(received_at), _told(pattern), version)
            for digest, received_at, pattern, version in self._connection.exec_driver_sql(_PACKETS)
        }

    def _adjudicated(self) -> dict[str, Decision]:
        e = t.entries.c
        spoken = sa.select(e.review_id).where(e.kind.in_(_ADJUDICATED))
        decided = sa.select(e.review_id).where(e.kind == EntryKind.DECIDED.value)
        wanted = sa.select(t.entries).where(e.review_id.in_(spoken), e.review_id.in_(decided))
        entries = defaultdict[str, list[Entry]](list)
        for row in self._connection.execute(wanted.order_by(e.counter, e.device, e.id)):
            entries[row.review_id].append(
                Entry(row.id, row.review_id, EntryKind(row.kind), row.data, row.at, row.device, row.counter, row.step)
            )  # fmt: skip
        return {own_id: fold_decision(own_id, told) for own_id, told in entries.items()}


def _line(
    row: Sequence[Any], packets: Mapping[str, _Basis], adjudicated: Decision | None
) -> DecidedLine | None:
    """None where the decision passes back, is recalled, or rests on a packet that is not here."""
    (_, submission_id, digest, outcome, decided_at, bases, rubric, rubric_version, policy, policy_version,
     attempt, submitted_at, district, agreed, released_at, aside_for) = row  # fmt: skip
    found = [packets[one] for one in json.loads(bases) if one in packets]
    recalled = aside_for and WithdrawalReason(aside_for).removes_evidence
    if not outcome or not found or recalled:
        return None
    decided = Outcome(outcome)
    told = {} if decided is Outcome.INCOMPLETE else _as_decided(found, adjudicated)
    return DecidedLine(
        submission_id,
        (policy, policy_version),
        CohortRow(
            decision=digest,
            micro_credential=rubric,
            # A review may have been moved to another version since it was assigned, and the decision is by that one.
            rubric_version=found[0].rubric_version or rubric_version,
            district=district,
            attempt=attempt,
            outcome=decided,
            levels={criterion: level for criterion, (level, _) in told.items()},
            next_steps=tuple(criterion for criterion, (_, steps) in told.items() if steps),
            submitted_at=unstamp(submitted_at) if submitted_at else None,
            delivered_at=max(one.received_at for one in found),
            decided_at=unstamp(decided_at),
            released_at=unstamp(released_at) if released_at else None,
            agreed=bool(agreed),
        ),
    )


def _as_decided(bases: Sequence[_Basis], adjudicated: Decision | None) -> Told:
    """Levels and next steps as the decision's `feedback.json` has them (`packets.decision.decided_feedback`)."""
    first = bases[0].told
    if adjudicated is None:
        return first
    by_packet = {one.packet: one.told for one in bases}
    levels, chosen = adjudicated.levels, adjudicated.feedback_from
    return {
        criterion: (levels.get(criterion, level), steps)
        for criterion in dict.fromkeys(criterion for one in bases for criterion in one.told)
        for level, steps in [_chosen(by_packet.get(chosen.get(criterion, ""), first), first, criterion)]
    }


def _chosen(told: Told, first: Told, criterion: str) -> tuple[str, bool]:
    return told.get(criterion) or first.get(criterion) or ("", False)


@lru_cache(maxsize=4096)
def _told(pattern: str) -> Told:
    return {criterion: (level, bool(steps)) for criterion, level, steps in json.loads(pattern)}
