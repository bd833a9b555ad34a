"""What was found as artifacts arrived: kept with the submission, compared with those of others, told to desks.

A desk is told that a file is also in another submission, never in whose. One educator's attempts may share files.
The same bytes are known by their digest, when desks are told; the same picture by pairs (`alike`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from assessor_desk.artifacts.kinds import Kind
from assessor_desk.artifacts.preflight import Preflight
from assessor_desk.artifacts.properties import name_in
from assessor_desk.domain.preflight import PreflightFinding, Severity, finding_from_json
from assessor_desk.domain.submission import Submission
from assessor_desk.hub import tables as t
from assessor_desk.hub.alike import Compared, Picture, Place, compare, keep_pairs, pictures
from assessor_desk.hub.hub import note_change
from assessor_desk.hub.parts import in_parts
from assessor_desk.protocol.messages import FindingMessage, FindingsMessage

_CARRIED_EVERYWHERE = 64
"""Bytes; a shorter file, such as an empty template, says nothing by being the same as another."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found in a submission's artifacts: its row, and each artifact's row with the look at it."""

    submission: Mapping[str, Any]
    artifacts: tuple[tuple[Mapping[str, Any], Preflight], ...]

    @classmethod
    def of(
        cls,
        submission: Mapping[str, Any],
        artifacts: Iterable[Mapping[str, Any]],
        found: Mapping[str, Preflight],
    ) -> Looked:
        """Of artifacts that were looked at: `found` has the looks by their ids."""
        return cls(submission, tuple((row, found[row["id"]]) for row in artifacts if row["id"] in found))

    @property
    def id(self) -> str:
        """The submission's."""
        return str(self.submission["id"])

    def rows(self) -> Iterator[dict[str, Any]]:
        """As they are kept."""
        for artifact, found in self.artifacts:
            findings = [*found.findings, *_named_in(artifact["name"], self.submission, found)]
            yield {
                "submission_id": self.id,
                "artifact_id": artifact["id"],
                "sha256": artifact["sha256"],
                "likeness": found.likeness,
                "found": [each.to_json() for each in findings],
            }

    def pictures(self) -> Iterator[Picture]:
        """Those of them that are to be compared."""
        hashes = {artifact["id"]: found.likeness for artifact, found in self.artifacts}
        return pictures(self.id, self.submission["educator_key"], hashes)


def compare_looks(view: sa.Connection, looked: Sequence[Looked]) -> Compared:
    """Compare what was found with what all other submissions have. Changes nothing, and takes its time."""
    return compare(view, (one.id for one in looked), _pictures(looked))


def keep_looks(work: sa.Connection, looked: Sequence[Looked], compared: Compared) -> None:
    """Keep what was found in these submissions, which are written already, in place of what was; and what comparing
    it came to, which is done anew where it no longer holds.

    Whoever was assigned another submission is told with the next changes where it shares a file for the first time, or
    none any more.
    """
    ids = [one.id for one in looked]
    rows = [row for one in looked for row in one.rows()]
    if not compared.still_holds(work, ids, _pictures(looked)):
        compared = compare_looks(work, looked)
    _put(work, ids, rows, compared)


def compare_without(view: sa.Connection, submission_ids: Sequence[str]) -> Compared:
    """What becomes of others' pictures once these submissions' files are gone. Changes nothing, and takes its time."""
    return compare(view, submission_ids, ())


def forget_looks(
    work: sa.Connection, submission_ids: Sequence[str], compared: Compared | None = None
) -> None:
    """What is known of these submissions' files goes with them; what comparing without them came to is done anew where
    it no longer holds. Others' pictures may find another partner; whoever shares no file any more is told.
    """
    if compared is None or not compared.still_holds(work, submission_ids, ()):
        compared = compare_without(work, submission_ids)
    _put(work, submission_ids, [], compared)


def _put(work: sa.Connection, ids: Sequence[str], rows: Sequence[dict[str, Any]], compared: Compared) -> None:
    digests = sorted({row["sha256"] for row in rows} | _digests(work, ids))
    before = _shared(work, digests)
    for some in in_parts(ids):
        work.execute(sa.delete(t.looks).where(t.looks.c.submission_id.in_(some)))
    for some_rows in in_parts(rows):
        work.execute(sa.insert(t.looks), some_rows)
    keep_pairs(work, compared)
    told = {submission_id for submission_id, _ in compared.changed}
    told |= _holders(work, sorted(before ^ _shared(work, digests)))
    for submission_id in sorted(told.difference(ids)):
        tell_assigned(work, submission_id)


def found_before(view: sa.Connection, submission_id: str) -> dict[tuple[str, str], Preflight]:
    """What was found in a submission's files as they were looked at last, by their ids and digests: for those that are
    there still and are not looked at now.
    """
    own = t.looks.c
    query = sa.select(own.artifact_id, own.sha256, own.found, own.likeness)
    return {
        (row.artifact_id, row.sha256): Preflight(
            Kind.OTHER, "", tuple(map(finding_from_json, row.found)), likeness=row.likeness
        )
        for row in view.execute(query.where(own.submission_id == submission_id))
    }


def _pictures(looked: Iterable[Looked]) -> tuple[Picture, ...]:
    return tuple(picture for one in looked for picture in one.pictures())


def _digests(view: sa.Connection, ids: Sequence[str]) -> set[str]:
    own = t.looks.c
    found = (view.execute(sa.select(own.sha256).where(own.submission_id.in_(some))) for some in in_parts(ids))
    return {digest for rows in found for digest in rows.scalars()}


def _shared(view: sa.Connection, digests: Sequence[str]) -> set[str]:
    """Those of these files that several educators handed in: then each of them shares it, else nobody."""
    own, whose = t.looks.c, t.submissions.c.educator_key
    query = sa.select(own.sha256).join(t.submissions, t.submissions.c.id == own.submission_id)
    several = query.group_by(own.sha256).having(sa.func.min(whose) != sa.func.max(whose))
    return {
        digest
        for some in in_parts(digests)
        for digest in view.execute(several.where(own.sha256.in_(some))).scalars()
    }


def _holders(view: sa.Connection, digests: Sequence[str]) -> set[str]:
    """The submissions that have these files, where sharing one says anything."""
    own = t.looks.c
    query = sa.select(own.submission_id).distinct().join(t.artifacts, _is_its_artifact())
    return {
        submission_id
        for some in in_parts(digests)
        for submission_id in view.execute(query.where(own.sha256.in_(some), _says_something())).scalars()
    }


def _is_its_artifact() -> sa.ColumnElement[bool]:
    looks, artifacts = t.looks.c, t.artifacts.c
    return sa.and_(artifacts.submission_id == looks.submission_id, artifacts.id == looks.artifact_id)


def _says_something() -> sa.ColumnElement[bool]:
    return t.artifacts.c.size >= _CARRIED_EVERYWHERE


def _named_in(name: str, submission: Mapping[str, Any], found: Preflight) -> list[PreflightFinding]:
    """The hub knows whose file it is, which the look at the file alone does not."""
    known = (submission["educator_name"], str(submission["email"]).partition("@")[0])
    what = name_in(name, known)
    if not what or any(each.id == "name_in_file_name" for each in found.findings):
        return []
    words = f"The name of the file “{name}” holds {what}."
    return [PreflightFinding("name_in_file_name", Severity.LOOK, words)]


def tell_assigned(work: sa.Connection, submission_id: str) -> None:
    """Whoever was assigned a submission gets it anew with the next changes."""
    own = t.assignments.c
    query = sa.select(own.id, own.person).where(own.submission_id == submission_id)
    for each in work.execute(query).all():
        note_change(work, "assignment", each.id, each.person)


def findings_told(view: sa.Connection, submissions: Iterable[Submission]) -> tuple[FindingsMessage, ...]:
    """What was found in these submissions, which are as one person may see them: a hidden file name stays hidden."""
    seen = {each.id: each for each in submissions}
    looks, artifacts = t.looks.c, t.artifacts.c
    exact = sa.and_(_says_something(), _elsewhere()).label("exact")
    query = (
        sa.select(looks.submission_id, looks.artifact_id, looks.found, artifacts.name, exact)
        .join(t.artifacts, _is_its_artifact())
        .where(looks.submission_id.in_(seen), sa.not_(artifacts.removed))
        .order_by(looks.submission_id, artifacts.position)
    )
    pictured = _pictured(view, seen)
    return tuple(
        message
        for row in view.execute(query).all()
        if (message := _told(row, seen[row.submission_id], pictured)) is not None
    )


def _elsewhere() -> sa.ColumnElement[bool]:
    """Whether another educator handed in the very same file.

    Asked for each by itself and for one only: a server that joins them goes through all that share it.
    """
    looks, other = t.looks.c, t.looks.alias()
    own, whose = t.submissions.alias().c, t.submissions.alias()
    educator = sa.select(own.educator_key).where(own.id == looks.submission_id).scalar_subquery()
    found = (
        sa.select(other.c.artifact_id)
        .join(whose, whose.c.id == other.c.submission_id)
        .where(other.c.sha256 == looks.sha256, whose.c.educator_key != educator.correlate(t.looks))
        .limit(1)
    )
    return found.correlate(t.looks).scalar_subquery().is_not(None)


def _pictured(view: sa.Connection, submissions: Iterable[str]) -> set[Place]:
    """Where the same picture as in another educator's submission is."""
    copies = t.copies.c
    query = sa.select(copies.submission_id, copies.artifact_id).distinct()
    rows = view.execute(query.where(copies.submission_id.in_(list(submissions))))
    return {(row.submission_id, row.artifact_id) for row in rows}


def _told(row: Any, submission: Submission, pictured: set[Place]) -> FindingsMessage | None:
    artifact = submission.artifact(row.artifact_id)
    if artifact is None:
        return None
    found = [
        {**each, "sentence": each["sentence"].replace(f"“{row.name}”", f"“{artifact.name}”")}
        for each in row.found
    ]
    if row.exact or (row.submission_id, row.artifact_id) in pictured:
        found.append(_copy_of_another(artifact.name, exact=bool(row.exact)).to_json())
    findings = tuple(FindingMessage.model_validate(each) for each in found)
    return FindingsMessage(submission_id=row.submission_id, artifact_id=row.artifact_id, findings=findings)


def _copy_of_another(name: str, *, exact: bool) -> PreflightFinding:
    if exact:
        words = f"“{name}” is also in another educator’s submission, byte for byte."
        return PreflightFinding("duplicate", Severity.LOOK, words)
    words = f"“{name}” shows the same picture as a file in another educator’s submission."
    return PreflightFinding("same_picture", Severity.LOOK, words)
