"""A coach's notes as the document that goes through a source: `assessor-desk/notes/1`, RFC 8785 canonical JSON.

Schema: `docs/schemas/notes.schema.json`. Its SHA-256 is the name by which it is delivered. It carries no level, and
never the private notes. The same notes as W3C Web Annotations are for any reader of these.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from functools import cache
from typing import Any

from assessor_desk.domain.anchor import Anchor, from_json, to_json
from assessor_desk.domain.coaching import Uptake
from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.domain.handed_notes import CriterionNotes, EarlierNote, HandedNotes, PlacedNote, Title
from assessor_desk.domain.submission import Submission
from assessor_desk.places import schemas

from .documents import canonical, instant
from .web_annotations import annotation, annotation_page

NOTES_FORMAT = "assessor-desk/notes/1"
NOTES_MEDIA_TYPE = "application/json"
ANNOTATIONS_MEDIA_TYPE = "application/ld+json"


def notes_bytes(notes: HandedNotes) -> bytes:
    """The document. Raises Refused for a text with half a character in it."""
    return canonical(_document(notes))


def notes_digest(document: bytes) -> str:
    """The name by which a document of notes is delivered and kept: SHA-256 in hexadecimal."""
    return hashlib.sha256(document).hexdigest()


def read_notes(document: bytes) -> HandedNotes:
    """Read what `notes_bytes` wrote. Raises Damaged for anything else: cut short, altered or of another kind."""
    try:
        data = json.loads(document)
        notes = _handed(data) if not (fault := _fault(data)) else None
    except (ValueError, RecursionError, Refused) as error:
        raise _unreadable(str(error)) from error
    if notes is None:
        raise _unreadable(fault)
    if notes_bytes(notes) != document:
        raise _unreadable("it is not in canonical form")
    return notes


def annotations_bytes(notes: HandedNotes, submission: Submission) -> bytes:
    """The notes at places as a W3C annotation page (JSON-LD), their artifacts named by digest."""
    return canonical(annotation_page(notes.id, _annotations(notes, submission)))


def _annotations(notes: HandedNotes, submission: Submission) -> Iterable[dict[str, Any]]:
    for placed in notes.placed:
        titles = [one.title for one in notes.criteria_citing(placed.anchor.id)]
        yield annotation(notes.id, submission, placed.anchor, "commenting", titles)


def _document(notes: HandedNotes) -> dict[str, Any]:
    return {
        "format": NOTES_FORMAT,
        "id": notes.id,
        "handed_back_at": instant(notes.at),
        "programme": notes.programme,
        "person": notes.person,
        "assignment": notes.assignment_id,
        "submission": {
            "id": notes.submission_id,
            "key": notes.submission_key,
            "version": notes.submission_version,
            "language": notes.language,
        },
        "rubric": asdict(notes.rubric),
        "policy": {**asdict(notes.policy), "kept_days": notes.kept_days, "questions": notes.questions},
        "overall": notes.overall,
        "criteria": [{**asdict(one), "anchors": list(one.anchors)} for one in notes.criteria],
        "anchors": [_placed(one) for one in notes.placed],
        "earlier": [asdict(one) for one in notes.earlier],
        "entries": list(notes.covers),
    }


def _placed(placed: PlacedNote) -> dict[str, Any]:
    anchor = placed.anchor
    return {
        "id": anchor.id,
        "artifact": anchor.artifact_id,
        "artifact_title": placed.artifact,
        "place": placed.place,
        "selector": to_json(anchor.selector),
        "note": anchor.note,
    }


def _handed(data: dict[str, Any]) -> HandedNotes:
    submission, policy = data["submission"], data["policy"]
    return HandedNotes(
        id=data["id"],
        at=datetime.fromisoformat(data["handed_back_at"]),
        programme=data["programme"],
        person=data["person"],
        assignment_id=data["assignment"],
        submission_id=submission["id"],
        submission_key=submission["key"],
        submission_version=submission["version"],
        language=submission["language"],
        rubric=_title(data["rubric"]),
        policy=_title(policy),
        overall=data["overall"],
        criteria=tuple(
            CriterionNotes(**{**one, "anchors": tuple(one["anchors"])}) for one in data["criteria"]
        ),
        placed=tuple(map(_placed_note, data["anchors"])),
        earlier=tuple(map(_earlier_note, data["earlier"])),
        kept_days=policy["kept_days"],
        questions=policy["questions"],
        covers=tuple(data["entries"]),
    )


def _title(data: dict[str, Any]) -> Title:
    return Title(data["id"], data["version"], data["title"])


def _placed_note(data: dict[str, Any]) -> PlacedNote:
    anchor = Anchor(data["id"], data["artifact"], from_json(data["selector"]), data["note"])
    return PlacedNote(anchor, data["artifact_title"], data["place"])


def _earlier_note(data: dict[str, Any]) -> EarlierNote:
    uptake = None if data["uptake"] is None else Uptake(data["uptake"])
    return EarlierNote(data["key"], data["about"], data["words"], uptake)


def _fault(data: Any) -> str:
    """What is against the schema, empty where nothing is."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    error = best_match(Draft202012Validator(_schema()).iter_errors(data))
    if error is None:
        return ""
    where = "/".join(map(str, error.absolute_path))
    return f"{where or 'the whole'}: {error.validator} is not kept"


@cache
def _schema() -> dict[str, Any]:
    rules: dict[str, Any] = json.loads((schemas() / "notes.schema.json").read_text(encoding="utf-8"))
    return rules


def _unreadable(why: str) -> Damaged:
    return Damaged(f"The coach's notes cannot be read ({why}); hand them back once more")
