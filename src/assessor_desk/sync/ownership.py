"""What a source may speak of: its own submissions, their assignments, and what was delivered to it.

A desk may have several sources. Without this, whoever runs one could replace another's submissions, withdraw its
assignments or spoil a packet with a time-stamp of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assessor_desk.domain.changes import Vouching

if TYPE_CHECKING:
    from assessor_desk.domain.changes import Attested, Published, SourceChanges
    from assessor_desk.store.reading import Reading

#: The parts of a page whose things each name a submission.
_ABOUT_SUBMISSIONS = (
    "blobs", "renditions", "findings", "packets", "holds", "recipients", "badges",
)  # fmt: skip


def own_page(page: SourceChanges, source: str, view: Reading) -> tuple[SourceChanges, bool]:
    """The page without what belongs to another source, and whether anything did."""
    submissions, assignments, packets = view.elsewhere(
        source, _submissions(page), _assignments(page), _packets(page)
    )
    submissions |= {one.id for one in page.submissions if one.source != source}
    assignments |= {one.id for one in page.assignments if one.submission_id in submissions}
    parts: dict[str, Any] = {
        name: _without(getattr(page, name), "submission_id", submissions) for name in _ABOUT_SUBMISSIONS
    }
    parts |= {
        "submissions": _without(page.submissions, "id", submissions),
        "assignments": _without(page.assignments, "id", assignments),
        "attested": _without(page.attested, "assignment_id", assignments),
        "withdrawn": tuple(one for one in page.withdrawn if one not in assignments),
        "withheld": tuple(one for one in page.withheld if one[0] not in submissions),
        "time_stamps": _without(page.time_stamps, "packet", packets),
        "passed_back": _without(page.passed_back, "packet", packets),
    }
    strange = any(len(kept) != len(getattr(page, name)) for name, kept in parts.items())
    return (replace(page, **parts) if strange else page), strange


def otherwise_worded(page: SourceChanges, source: str, view: Reading) -> set[str]:
    """Assignments whose rubric or policy is here in other words than the issuer assigned them with.

    The words that a programme published first stay, whatever it sends later; another programme's own are kept beside
    them. A copy that was edited on this desk is told where it is used.
    """
    brought = {(kind, one.id, one.version): one for kind, one in rules_of(page)}
    apart = {(kind, one.id, one.version): one for kind, one in page.worded_apart}
    here: dict[tuple[str, str, str], Published | None] = {}
    found = set()
    for attested in page.attested:
        for named, digest in _worded(attested):
            if named not in here:
                here[named] = apart.get(named) or view.published(*named, source) or brought.get(named)
            known = here[named]
            if known is not None and known.vouching is not Vouching.ALTERED and known.digest != digest:
                found.add(attested.assignment_id)
    return found


def rules_of(page: SourceChanges) -> Iterator[tuple[str, Published]]:
    """The rubrics and policies that a page brings, each with the word for which it is."""
    yield from (("rubric", one) for one in page.rubrics)
    yield from (("policy", one) for one in page.policies)


def _worded(attested: Attested) -> list[tuple[tuple[str, str, str], str]]:
    """Which rubric and policy an assignment names, and by which digests; nothing where that cannot be read."""
    try:
        told = _read(attested.canonical)
        digests = told.get("digests", {})
        return [((kind, told[kind]["id"], told[kind]["version"]), digest) for kind, digest in digests.items()]
    except (ValueError, KeyError, TypeError, AttributeError):  # told, as unattested, wherever it is used
        return []


def _read(canonical: bytes) -> Any:
    """What stands in an assignment's document. Raises ValueError where that is no JSON."""
    import msgspec

    try:
        return msgspec.json.decode(canonical)
    except ValueError:  # stricter than what checks it wherever it is used, which is what counts
        return json.loads(canonical)


def without_assignments(page: SourceChanges, ids: set[str]) -> SourceChanges:
    """The page without these assignments."""
    return replace(
        page,
        assignments=_without(page.assignments, "id", ids),
        attested=_without(page.attested, "assignment_id", ids),
    )


def without_evidence(page: SourceChanges, submissions: set[str]) -> SourceChanges:
    """The page without what opens the evidence of these submissions, and packets about them."""
    parts: dict[str, Any] = {
        name: _without(getattr(page, name), "submission_id", submissions)
        for name in ("blobs", "renditions", "packets")
    }
    return replace(page, **parts)


def _without(things: Iterable[Any], name: str, strange: set[str]) -> tuple[Any, ...]:
    return tuple(one for one in things if getattr(one, name) not in strange)


def _submissions(page: SourceChanges) -> set[str]:
    named = {one.submission_id for name in _ABOUT_SUBMISSIONS for one in getattr(page, name)}
    named |= {one.id for one in page.submissions} | {one.submission_id for one in page.assignments}
    return named | {submission for submission, _ in page.withheld}


def _assignments(page: SourceChanges) -> set[str]:
    attested = {one.assignment_id for one in page.attested}
    return {one.id for one in page.assignments} | attested | set(page.withdrawn)


def _packets(page: SourceChanges) -> set[str]:
    return {one.packet for one in page.time_stamps} | {one.packet for one in page.passed_back}
