"""What was found as artifacts arrived: kept with the submission, compared with those of others, told to desks.

A desk is told that a file is also in another submission, never in whose. One educator's attempts may share files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from assessor_desk.artifacts.preflight import Preflight
from assessor_desk.artifacts.properties import name_in
from assessor_desk.domain.preflight import PreflightFinding, Severity, same_picture
from assessor_desk.domain.submission import Submission
from assessor_desk.hub import tables as t
from assessor_desk.hub.hub import note_change
from assessor_desk.protocol.messages import FindingMessage, FindingsMessage

_CARRIED_EVERYWHERE = 64
"""Bytes; a shorter file, such as an empty template, says nothing by being the same as another."""


def keep_looks(
    work: sa.Connection, submission: Mapping[str, Any], looked: Iterable[tuple[Mapping[str, Any], Preflight]]
) -> None:
    """Keep what was found in a submission's artifacts (their rows, and the look at each), and compare with all others.

    Whoever was assigned a submission that turns out to share a file is told with the next changes.
    """
    own = submission["id"]
    work.execute(sa.delete(t.looks).where(t.looks.c.submission_id == own))
    shared = sa.or_(t.copies.c.submission_id == own, t.copies.c.other_submission == own)
    work.execute(sa.delete(t.copies).where(shared))
    for artifact, found in looked:
        findings = [*found.findings, *_named_in(artifact["name"], submission, found)]
        row = {
            "submission_id": own,
            "artifact_id": artifact["id"],
            "sha256": artifact["sha256"],
            "likeness": found.likeness,
            "found": [each.to_json() for each in findings],
        }
        work.execute(sa.insert(t.looks).values(**row))
        if artifact["size"] >= _CARRIED_EVERYWHERE:
            _keep_copies(work, submission["educator_key"], row)


def _named_in(name: str, submission: Mapping[str, Any], found: Preflight) -> list[PreflightFinding]:
    """The hub knows whose file it is, which the look at the file alone does not."""
    known = (submission["educator_name"], str(submission["email"]).partition("@")[0])
    what = name_in(name, known)
    if not what or any(each.id == "name_in_file_name" for each in found.findings):
        return []
    words = f"The name of the file “{name}” holds {what}."
    return [PreflightFinding("name_in_file_name", Severity.LOOK, words)]


def _keep_copies(work: sa.Connection, educator_key: str, row: Mapping[str, Any]) -> None:
    """Each pair of copies stands twice, once for either submission."""
    looks = t.looks.c
    alike = (
        sa.or_(looks.sha256 == row["sha256"], looks.likeness != "")
        if row["likeness"]
        else looks.sha256 == row["sha256"]
    )
    others = (
        sa.select(looks.submission_id, looks.artifact_id, looks.sha256, looks.likeness)
        .join(t.submissions, t.submissions.c.id == looks.submission_id)
        .where(t.submissions.c.educator_key != educator_key, alike)
    )
    for other in work.execute(others).all():
        exact = other.sha256 == row["sha256"]
        if not exact and not same_picture(row["likeness"], other.likeness):
            continue
        here, there = (row["submission_id"], row["artifact_id"]), (other.submission_id, other.artifact_id)
        for one, two in ((here, there), (there, here)):
            pair = dict(
                zip(("submission_id", "artifact_id", "other_submission", "other_artifact"), (*one, *two))
            )
            work.execute(sa.insert(t.copies).values(**pair, exact=exact))
        tell_assigned(work, other.submission_id)


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
    query = (
        sa.select(looks.submission_id, looks.artifact_id, looks.found, artifacts.name)
        .join(
            t.artifacts,
            sa.and_(artifacts.submission_id == looks.submission_id, artifacts.id == looks.artifact_id),
        )
        .where(looks.submission_id.in_(seen), sa.not_(artifacts.removed))
        .order_by(looks.submission_id, artifacts.position)
    )
    copied = _copied(view, seen)
    return tuple(
        message
        for row in view.execute(query).all()
        if (message := _told(row, seen[row.submission_id], copied)) is not None
    )


def _copied(view: sa.Connection, submissions: Iterable[str]) -> dict[tuple[str, str], bool]:
    """Submission and artifact → whether the very same file is elsewhere, rather than the same picture."""
    copies = t.copies.c
    query = sa.select(
        copies.submission_id, copies.artifact_id, sa.func.max(sa.cast(copies.exact, sa.Integer))
    )
    grouped = query.where(copies.submission_id.in_(list(submissions))).group_by(
        copies.submission_id, copies.artifact_id
    )
    return {(row[0], row[1]): bool(row[2]) for row in view.execute(grouped).all()}


def _told(row: Any, submission: Submission, copied: Mapping[tuple[str, str], bool]) -> FindingsMessage | None:
    artifact = submission.artifact(row.artifact_id)
    if artifact is None:
        return None
    found = [
        {**each, "sentence": each["sentence"].replace(f"“{row.name}”", f"“{artifact.name}”")}
        for each in row.found
    ]
    place = (row.submission_id, row.artifact_id)
    if place in copied:
        found.append(_copy_of_another(artifact.name, exact=copied[place]).to_json())
    findings = tuple(FindingMessage.model_validate(each) for each in found)
    return FindingsMessage(submission_id=row.submission_id, artifact_id=row.artifact_id, findings=findings)


def _copy_of_another(name: str, *, exact: bool) -> PreflightFinding:
    if exact:
        words = f"“{name}” is also in another educator’s submission, byte for byte."
        return PreflightFinding("duplicate", Severity.LOOK, words)
    words = f"“{name}” shows the same picture as a file in another educator’s submission."
    return PreflightFinding("same_picture", Severity.LOOK, words)
