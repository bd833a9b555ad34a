"""Taking in what a source sent: a term begins with thousands of assignments, so each kind goes in with few statements.

Every statement is made once for the program. SQLAlchemy takes longer to make one than SQLite to carry it out.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from assessor_desk.domain.changes import Blob, Published, SourceChanges
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.renditions import Shown, rendition_id
from assessor_desk.domain.roles import Purpose
from assessor_desk.domain.submission import Assignment, Submission
from assessor_desk.store import tables as t
from assessor_desk.store.evidence_here import may_be_here
from assessor_desk.store.lines import InboxState
from assessor_desk.store.prepared import IDS, Row, named, run_many
from assessor_desk.store.reading import Reading
from assessor_desk.store.records import assignment_to_json, submission_to_json, text_of
from assessor_desk.store.renditions import MADE, may_wait
from assessor_desk.store.times import stamp

_SUBMISSION: sa.BindParameter[str] = sa.bindparam("of_submission")
_ARTIFACT: sa.BindParameter[str] = sa.bindparam("of_artifact")


class Taking:
    """One page of changes, within one transaction. `touched` are submissions whose bytes are to be weighed anew."""

    def __init__(self, view: Reading, connection: sa.Connection) -> None:
        self._view = view
        self._connection = connection
        self.touched: set[str] = set()

    def submissions(self, submissions: Sequence[Submission]) -> None:
        """What was handed in, as it is now; an artifact that the source took out is forgotten."""
        rows = [
            {"id": one.id, "source": one.source, "key": one.key, "version": one.version,
             "content": text_of(submission_to_json(one))}
            for one in submissions
        ]  # fmt: skip
        before = {row.id: row.version for row in self._all(_versions_here(), [one.id for one in submissions])}
        self._many(_to_look_again(), _replaced(rows, before))
        self._many(_kept(t.submissions), rows)
        self._forget_artifacts_but(submissions)
        shown = [
            {"of_submission": one.id, "key": one.key, "attempt": one.attempt, "draft": one.draft}
            for one in submissions
            if one.id in before
        ]
        self._many(_shown_in_inbox(), shown)
        self.touched |= {one.id for one in submissions}

    def _forget_artifacts_but(self, submissions: Sequence[Submission]) -> None:
        """What the source took out of a submission is no longer wanted, counted or shown."""
        kept = {(one.id, place) for one in submissions for place in _places(one)}
        lines = self._all(_artifacts_here(), [one.id for one in submissions])
        gone = [
            {"of_submission": line.submission_id, "of_artifact": line.artifact_id}
            for line in lines
            if (line.submission_id, line.artifact_id) not in kept
        ]
        self._many(_forgotten(), gone)

    def blobs(self, changes: SourceChanges) -> None:
        """Which bytes belong to which artifact. What is here stays so unless the source has other bytes now."""
        blobs = changes.ledger_blobs
        self._drop_stale_renditions(changes.blobs)
        sources = self._sources(changes, {one.submission_id for one in blobs})
        rows = [
            {"submission_id": one.submission_id, "artifact_id": one.artifact_id,
             "source": sources[one.submission_id], "blob_digest": one.digest, "length": one.length,
             "here": False, "trouble": "", "source_digest": one.digest, "plain": not one.key,
             "removed": "", "asked": False, "parked": ""}
            for one in blobs
        ]  # fmt: skip
        self._many(_ledger_line(), rows)
        self.touched |= set(sources)

    def _sources(self, changes: SourceChanges, ids: set[str]) -> dict[str, str]:
        found = {one.id: one.source for one in changes.submissions if one.id in ids}
        found |= {row.id: row.source for row in self._all(_versions_here(), ids - set(found))}
        for lacking in sorted(ids - set(found)):
            raise _never_sent(lacking)
        return found

    def _drop_stale_renditions(self, blobs: Sequence[Blob]) -> None:
        """A recording that was replaced takes its renditions with it."""
        before = {
            (row.submission_id, row.artifact_id): row.source_digest
            for row in self._all(_artifacts_here(), {one.submission_id for one in blobs})
        }
        stale = [
            {"of_submission": one.submission_id, "of_artifact": rendition_id(one.artifact_id, shown)}
            for one in blobs
            if before.get((one.submission_id, one.artifact_id), one.digest) != one.digest
            for shown in MADE
        ]
        self._many(_forgotten(), stale)

    def assignments(self, assignments: Sequence[Assignment], sent: Iterable[Submission]) -> None:
        """What is asked of this person. Raises Refused where a submission or its rubric is not here."""
        submissions = {one.id: one for one in sent}
        rubrics: dict[tuple[str, str], Row] = {}
        rows, lines = [], []
        for one in assignments:
            submission = submissions.get(one.submission_id) or self._submission(one.submission_id)
            told = self._rubric(rubrics, one, submission)
            content = text_of(assignment_to_json(one))
            rows.append({
                "id": one.id, "submission_id": submission.id, "set_aside": False, "content": content,
                "aside_for": "", "aside_at": None,
            })  # fmt: skip
            lines.append(_line(submission, one, told))
        self._welcome_back(assignments)
        begun_anew = self._begun_anew(assignments)
        self._many(_kept(t.assignments), rows)
        self._many(_begin_again(), begun_anew)
        self._many(_inbox_line(), lines)
        self.touched |= {one.submission_id for one in assignments}

    def _begun_anew(self, assignments: Sequence[Assignment]) -> list[Row]:
        """Submissions that this person had, and has under another assignment now: nothing of it is done yet."""
        known = list(self._all(_assigned_here(), {one.submission_id for one in assignments}))
        ids, submissions = {row.id for row in known}, {row.submission_id for row in known}
        return [
            {"of_submission": one.submission_id}
            for one in assignments
            if one.id not in ids and one.submission_id in submissions and one.purpose is not Purpose.DECIDE
        ]

    def _submission(self, submission_id: str) -> Submission:
        found = self._view.submission(submission_id)
        if found is None:
            raise _never_sent(submission_id)
        return found

    def _rubric(
        self, rubrics: dict[tuple[str, str], Row], assignment: Assignment, submission: Submission
    ) -> Row:
        """What the inbox says of a rubric."""
        version = (assignment.rubric_id, assignment.rubric_version)
        if version not in rubrics:
            rubric = self._view.published("rubric", *version, submission.source)
            if rubric is None:
                raise Refused(
                    f"The source assigned {submission.key} without its rubric “{assignment.rubric_id}”; "
                    "sync again later"
                )
            told = json.loads(rubric.canonical)
            title = told["title"]
            short = told.get("short_title") or title
            rubrics[version] = {"title": title, "short_title": short, "criteria": len(told["criteria"])}
        return rubrics[version]

    def _welcome_back(self, assignments: Sequence[Assignment]) -> None:
        """An assignment that did not stand before wants its evidence, even where that was taken away."""
        stood = {row.id for row in self._all(_standing_here(), [one.id for one in assignments])}
        wanted = {one.submission_id for one in assignments if one.id not in stood}
        if wanted:
            self._connection.execute(_welcomed_back(), named(wanted))

    def attested(self, changes: SourceChanges) -> None:
        """The issuer's word on assignments. Other words leave what is here; the same may come signed anew: whoever
        signed them before may count no more."""
        before = {
            row.id: row.content
            for row in self._all(_attested_here(), [one.assignment_id for one in changes.attested])
        }
        rows = []
        for one in changes.attested:
            if before.setdefault(one.assignment_id, one.canonical) == one.canonical:
                thing = Published(one.assignment_id, "", one.canonical, one.signature)
                rows.append(published_row("assignment", thing))
        self._many(_kept(t.published), rows)

    def _many(self, statement: sa.Executable, rows: list[Row]) -> None:
        run_many(self._connection, statement, rows)

    def _all(self, query: sa.Select[Any], ids: Iterable[str]) -> Iterable[sa.Row[Any]]:
        return self._connection.execute(query, named(ids))


def weigh(connection: sa.Connection, submission_ids: Iterable[str]) -> None:
    """Bring the inbox's bytes in line with the ledger."""
    connection.execute(_weighed(), named(submission_ids))


def published_row(kind: str, thing: Published) -> Row:
    """Something published as a row of its table."""
    return {
        "kind": kind, "id": thing.id, "version": thing.version, "content": thing.canonical,
        "signature": thing.signature, "vouched": thing.vouched,
    }  # fmt: skip


def _never_sent(submission_id: str) -> Refused:
    return Refused(f"The source spoke of a submission it never sent ({submission_id}); sync again later")


def _replaced(rows: Iterable[Row], before: Mapping[str, str]) -> list[Row]:
    """Those whose evidence is another than it was."""
    return [
        {"of_submission": one["id"]}
        for one in rows
        if before.get(one["id"], one["version"]) != one["version"]
    ]


def _places(submission: Submission) -> Iterator[str]:
    """Under which ids the ledger may hold what belongs to a submission."""
    earlier = submission.earlier.artifacts if submission.earlier else ()
    for artifact in (*submission.artifacts, *earlier):
        for shown in Shown:
            yield rendition_id(artifact.id, shown)


def _line(submission: Submission, assignment: Assignment, rubric: Row) -> Row:
    return {
        **rubric, "submission_id": submission.id, "source": submission.source, "key": submission.key,
        "attempt": submission.attempt, "role": assignment.role.value, "draft": submission.draft, "set_aside": False,
        "due_at": None if assignment.due_at is None else stamp(assignment.due_at),
        "search_text": f"{submission.key}\n{rubric['title']}\n{submission.educator}".casefold(),
        "scored": 0, "state": InboxState.NEW.value, "rank": 0, "ready_bytes": 0, "total_bytes": 0,
        "later_bytes": 0, "parked_bytes": 0, "offline": "",
    }  # fmt: skip


@functools.cache
def _versions_here() -> sa.Select[Any]:
    s = t.submissions.c
    return sa.select(s.id, s.source, s.version).where(s.id.in_(IDS))


@functools.cache
def _artifacts_here() -> sa.Select[Any]:
    a = t.artifacts.c
    return sa.select(a.submission_id, a.artifact_id, a.source_digest).where(a.submission_id.in_(IDS))


@functools.cache
def _assigned_here() -> sa.Select[Any]:
    a = t.assignments.c
    return sa.select(a.id, a.submission_id).where(a.submission_id.in_(IDS))


@functools.cache
def _standing_here() -> sa.Select[Any]:
    a = t.assignments.c
    return sa.select(a.id).where(a.id.in_(IDS), a.set_aside.is_(False))


@functools.cache
def _attested_here() -> sa.Select[Any]:
    p = t.published.c
    return sa.select(p.id, p.content).where(p.kind == "assignment", p.version == "", p.id.in_(IDS))


@functools.cache
def _welcomed_back() -> sa.Executable:
    a = t.artifacts.c
    return sa.update(t.artifacts).where(a.submission_id.in_(IDS), a.removed != "").values(removed="")


@functools.cache
def _kept(table: sa.Table) -> sa.Executable:
    """A row, or what is new in it."""
    keys = [column.name for column in table.primary_key]
    kept = insert(table)
    others = {column.name: kept.excluded[column.name] for column in table.columns if column.name not in keys}
    return kept.on_conflict_do_update(index_elements=keys, set_=others)


@functools.cache
def _shown_in_inbox() -> sa.Executable:
    return sa.update(t.inbox).where(t.inbox.c.submission_id == _SUBMISSION)


@functools.cache
def _forgotten() -> sa.Executable:
    a = t.artifacts.c
    return sa.delete(t.artifacts).where(a.submission_id == _SUBMISSION, a.artifact_id == _ARTIFACT)


@functools.cache
def _ledger_line() -> sa.Executable:
    kept = insert(t.artifacts)
    fresh = ("source", "blob_digest", "length", "here", "trouble", "source_digest", "plain")
    return kept.on_conflict_do_update(
        index_elements=("submission_id", "artifact_id"),
        set_={name: kept.excluded[name] for name in fresh},
        where=t.artifacts.c.source_digest != kept.excluded.source_digest,
    )


@functools.cache
def _to_look_again() -> sa.Executable:
    """What was ready to be sealed wants a second look first."""
    ready = (t.inbox.c.submission_id == _SUBMISSION, t.inbox.c.state == InboxState.READY_TO_SEAL.value)
    return sa.update(t.inbox).where(*ready).values(state=InboxState.IN_REVIEW.value)


@functools.cache
def _begin_again() -> sa.Executable:
    fresh = {"state": InboxState.NEW.value, "scored": 0}
    return sa.update(t.inbox).where(t.inbox.c.submission_id == _SUBMISSION).values(**fresh)


@functools.cache
def _inbox_line() -> sa.Executable:
    """How far the work has come stays; a line that was set aside comes back among those of its state."""
    kept = insert(t.inbox)
    told = (
        "source", "key", "title", "short_title", "attempt", "due_at", "role", "draft", "search_text", "set_aside",
    )  # fmt: skip
    back = {InboxState.SEALED_WAITING.value: 1, InboxState.DELIVERED.value: 2}
    rank = sa.case(back, value=t.inbox.c.state, else_=0)
    # A review that was begun may have been moved to another version of its rubric.
    untouched = t.inbox.c.state == InboxState.NEW.value
    criteria = sa.case((untouched, kept.excluded.criteria), else_=t.inbox.c.criteria)
    fresh = {name: kept.excluded[name] for name in told}
    return kept.on_conflict_do_update(
        index_elements=["submission_id"], set_={**fresh, "criteria": criteria, "rank": rank}
    )


@functools.cache
def _weighed() -> sa.Executable:
    a = t.artifacts.c
    total = sa.func.coalesce(sa.func.sum(a.length), 0)
    ready = sa.func.coalesce(sa.func.sum(sa.case((a.here, a.length), else_=0)), 0)
    held = sa.and_(a.submission_id == t.inbox.c.submission_id, may_be_here())
    comes = (sa.or_(a.here, a.parked == ""), sa.not_(may_wait()))

    def of_line(what: sa.ColumnElement[Any], *which: sa.ColumnElement[bool]) -> sa.ScalarSelect[Any]:
        return sa.select(what).where(held, *which).correlate(t.inbox).scalar_subquery()

    i = t.inbox.c
    # Where nothing is and nothing was, as on a line that was just written, there is nothing to weigh.
    anything = sa.or_(
        sa.exists().where(a.submission_id == i.submission_id).correlate(t.inbox),
        i.total_bytes + i.ready_bytes + i.later_bytes + i.parked_bytes != 0,
    )
    return (
        sa.update(t.inbox)
        .where(i.submission_id.in_(IDS), anything)
        .values(
            total_bytes=of_line(total, *comes),
            ready_bytes=of_line(ready),
            later_bytes=of_line(total, may_wait()),
            parked_bytes=of_line(total, a.here.is_(False), a.parked != "", sa.not_(may_wait())),
        )
    )
