"""Submissions and assignments as JSON in the file, and back."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from assessor_desk.domain.earlier import EarlierAttempt, EarlierCriterion, EarlierFeedback
from assessor_desk.domain.policy import Blindness
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.domain.submission import Artifact, Assignment, Part, Submission
from assessor_desk.store.times import stamp, unstamp

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def text_of(data: Mapping[str, Any]) -> str:
    """What the file keeps of it: JSON in UTF-8, or with escapes where UTF-8 has no signs for it."""
    import msgspec  # a window that starts does without

    try:
        return msgspec.json.encode(data).decode()
    except UnicodeEncodeError:
        return json.dumps(data)


def submission_to_json(submission: Submission) -> dict[str, Any]:
    """All of a submission but its bytes."""
    earlier = submission.earlier
    return {
        **_fields(submission),
        "artifacts": [_fields(artifact) for artifact in submission.artifacts],
        "submitted_at": _time_to_json(submission.submitted_at),
        "earlier": earlier_to_json(earlier) if earlier else None,
    }


def submission_from_json(data: Mapping[str, Any]) -> Submission:
    """The inverse of `submission_to_json`."""
    artifacts = tuple(Artifact(**{**one, "part": Part(one["part"])}) for one in data["artifacts"])
    earlier = earlier_from_json(data["earlier"]) if data.get("earlier") else None
    own = {"artifacts": artifacts, "name_words": tuple(data["name_words"]), "earlier": earlier}
    return Submission(**{**data, **own, "submitted_at": _time_from_json(data["submitted_at"])})


def earlier_to_json(earlier: EarlierAttempt) -> dict[str, Any]:
    """All that is shown of the attempt before."""
    told = asdict(earlier)
    if earlier.feedback:
        told["feedback"]["released_at"] = _time_to_json(earlier.feedback.released_at)
    return told


def earlier_from_json(data: Mapping[str, Any]) -> EarlierAttempt:
    """The inverse of `earlier_to_json`."""
    artifacts = tuple(Artifact(**{**one, "part": Part(one["part"])}) for one in data["artifacts"])
    said = data["feedback"]
    if said is None:
        return EarlierAttempt(data["attempt"], artifacts)
    criteria = tuple(EarlierCriterion(**one) for one in said["criteria"])
    own = {"criteria": criteria, "released_at": _time_from_json(said["released_at"])}
    return EarlierAttempt(data["attempt"], artifacts, EarlierFeedback(**{**said, **own}))


def assignment_to_json(assignment: Assignment) -> dict[str, Any]:
    """All of an assignment."""
    times = {"due_at": _time_to_json(assignment.due_at), "assigned_at": _time_to_json(assignment.assigned_at)}
    return {**_fields(assignment), "blindness": _fields(assignment.blindness), **times}


def assignment_from_json(data: Mapping[str, Any]) -> Assignment:
    """The inverse of `assignment_to_json`."""
    words = {
        "role": Role(data["role"]),
        "purpose": Purpose(data["purpose"]),
        "blindness": Blindness(**data["blindness"]),
    }
    times = {name: _time_from_json(data[name]) for name in ("due_at", "assigned_at")}
    return Assignment(**{**data, **words, **times})


def _fields(thing: DataclassInstance) -> dict[str, Any]:
    """As `asdict`, but one level deep and without copies, which takes a twentieth of the time."""
    names, values = _parts(type(thing))
    return dict(zip(names, values(thing)))


@functools.cache
def _parts(kind: type[DataclassInstance]) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    """The names of its fields, and what takes the values of all of them."""
    names = tuple(each.name for each in fields(kind))
    return names, attrgetter(*names)


def _time_to_json(at: datetime | None) -> str | None:
    return None if at is None else stamp(at)


def _time_from_json(text: str | None) -> datetime | None:
    return None if text is None else unstamp(text)
