"""Anchors as W3C Web Annotations (https://www.w3.org/TR/annotation-model/), for packets and for a coach's notes.

Places are said in more than one way where one alone might not survive another rendering: words by what stands around
them and by their position, a moment by the millisecond and by its frame. Where there are several selectors each selects
the same (§4.2 of the model), and whoever reads them takes the one that suits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from assessor_desk.domain.anchor import (
    Anchor,
    Box,
    ImageRegion,
    PageRegion,
    Selector,
    TextQuote,
    TimeSpan,
    fragment,
)
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
    selector = web_selector(anchor.selector)
    return {
        "id": urn(sheet_id, f"anchor/{anchor.id}"),
        "type": "Annotation",
        "motivation": motivation,
        "body": [*([note] if anchor.note else []), *classes],
        "target": {"source": source, **({} if selector is None else {"selector": selector})},
    }


_RFC3778 = "http://tools.ietf.org/rfc/rfc3778"
_MEDIA_FRAGMENTS = "http://www.w3.org/TR/media-frags/"
WebSelector = dict[str, Any] | list[dict[str, Any]]


def web_selector(selector: Selector) -> WebSelector | None:
    """As W3C selectors: media fragments, RFC 3778 pages, quotes with positions; None for the whole artifact."""
    match selector:
        case TimeSpan():
            return _one_or_more(_fragment(_MEDIA_FRAGMENTS, value) for value in _moments(selector))
        case ImageRegion():
            return _fragment(_MEDIA_FRAGMENTS, fragment(selector))
        case PageRegion(page, None, label):
            return _page(page, label)
        case PageRegion(page, Box() as box, label):
            # RFC 3778 knows boxes in points only; a media fragment within the page says them in per cent.
            return _page(page, label, _fragment(_MEDIA_FRAGMENTS, f"xywh={box.fragment()}"))
        case TextQuote(page=page, label=label):
            said = _one_or_more(_said(selector))
            return said if page is None else _page(page, label, said)
        case _:
            return None


def _moments(span: TimeSpan) -> Iterator[str]:
    """In milliseconds, and from the frame's own beginning where that is known.

    That is said a microsecond late: it is rounded, and a moment before the beginning would be the frame before.
    """
    yield fragment(span)
    if span.frame_us is not None:
        end = "" if span.end_ms is None else f",{span.end_ms / 1000:.3f}"
        yield f"t={(span.frame_us + 1) / 1_000_000:.6f}{end}"


def _said(quote: TextQuote) -> Iterator[dict[str, Any]]:
    around = {key: text for key, text in (("prefix", quote.prefix), ("suffix", quote.suffix)) if text}
    yield {"type": "TextQuoteSelector", "exact": quote.exact, **around}
    if quote.start is not None:
        yield {"type": "TextPositionSelector", "start": quote.start, "end": quote.end}


def _one_or_more(selectors: Iterable[dict[str, Any]]) -> WebSelector:
    first, *others = selectors
    return [first, *others] if others else first


def _page(page: int, label: str, within: WebSelector | None = None) -> dict[str, Any]:
    whole_page = _fragment(_RFC3778, f"page={page}")
    named = {"label": label} if label else {}
    return {**whole_page, **named, **({} if within is None else {"refinedBy": within})}


def _fragment(standard: str, value: str) -> dict[str, Any]:
    return {"type": "FragmentSelector", "conformsTo": standard, "value": value}


def urn(sheet_id: str, name: str) -> str:
    """A name for a thing of a review or of notes that no other has."""
    return uuid5(NAMESPACE_URL, f"{sheet_id}/{name}").urn
