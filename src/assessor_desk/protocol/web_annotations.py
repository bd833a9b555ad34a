"""Anchors as W3C Web Annotations (https://www.w3.org/TR/annotation-model/), for packets and for a coach's notes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from assessor_desk.domain.anchor import Anchor, to_web_annotation_selector
from assessor_desk.domain.submission import Submission


def annotation_page(sheet_id: str, annotations: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """An annotation page of the review or the notes called `sheet_id`."""
    return {
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "id": urn(sheet_id, "annotations"),
        "type": "AnnotationPage",
        "items": list(annotations),
    }


def annotation(
    sheet_id: str, submission: Submission, anchor: Anchor, motivation: str, criteria: Sequence[str]
) -> dict[str, Any]:
    """One anchor: its line as a description, the criteria it was given to as classes, its place as the target."""
    artifact = submission.artifact(anchor.artifact_id)
    captured = artifact is not None and artifact.captured
    source = f"urn:sha256:{artifact.sha256}" if artifact and captured else urn(sheet_id, anchor.artifact_id)
    note = {"type": "TextualBody", "purpose": "describing", "format": "text/plain", "value": anchor.note}
    classes = [
        {"type": "TextualBody", "purpose": "classifying", "value": criterion} for criterion in criteria
    ]
    selector = to_web_annotation_selector(anchor.selector)
    return {
        "id": urn(sheet_id, f"anchor/{anchor.id}"),
        "type": "Annotation",
        "motivation": motivation,
        "body": [*([note] if anchor.note else []), *classes],
        "target": {"source": source, **({} if selector is None else {"selector": selector})},
    }


def urn(sheet_id: str, name: str) -> str:
    """A name for a thing of a review or of notes that no other has."""
    return uuid5(NAMESPACE_URL, f"{sheet_id}/{name}").urn
