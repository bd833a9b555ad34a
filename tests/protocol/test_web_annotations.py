"""Anchors as W3C Web Annotations say places in every way in which they can be found again."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from assessor_desk.domain.anchor import (
    Anchor,
    Box,
    ImageRegion,
    PageRegion,
    Selector,
    TextQuote,
    TimeSpan,
    Whole,
)
from assessor_desk.domain.submission import Artifact, Part, Submission
from assessor_desk.protocol.web_annotations import annotation, annotation_page, web_selector

ARTIFACT = Artifact("a", Part.WORK, "plan.pdf", "", "application/pdf", 9, "ab" * 32)
SUBMISSION = Submission("s", "urn:x", "7F3A-21", "r", 1, (ARTIFACT,))
PLACES: list[Selector] = [
    TimeSpan(12_500),
    TimeSpan(12_500, 31_000, 12_512_346),
    TimeSpan(12_500, frame_us=12_512_346, still=True),
    PageRegion(2),
    PageRegion(2, Box(10, 20, 30, 5), "iv"),
    TextQuote("two", "one ", " three"),
    TextQuote("two", "one ", " three", 3, 4, 7, "v"),
    TextQuote("two", start=4, end=7),
    ImageRegion(Box(5, 5, 40, 40)),
    Whole(),
]


def selector_of(place: Selector) -> Any:
    return web_selector(place)


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_every_place_follows_the_schema(place: Selector, root: Path) -> None:
    schema = json.loads((root / "docs" / "schemas" / "annotations.schema.json").read_text(encoding="utf-8"))
    anchor = Anchor("x", "a", place, "three hands")
    page = annotation_page("review", [annotation("review", SUBMISSION, anchor, "assessing", ["one", "two"])])
    jsonschema.validate(page, schema)
    (told,) = page["items"]
    assert [body["value"] for body in told["body"]] == ["three hands", "one", "two"]
    assert told["target"]["source"] == f"urn:sha256:{'ab' * 32}"
    assert ("selector" in told["target"]) == (place != Whole())


def test_words_are_said_by_what_stands_around_them_and_by_their_position_on_the_page() -> None:
    place = selector_of(TextQuote("two", "one ", " three", 3, 4, 7, "v"))
    assert (place["value"], place["label"]) == ("page=3", "v")
    assert place["refinedBy"] == [
        {"type": "TextQuoteSelector", "exact": "two", "prefix": "one ", "suffix": " three"},
        {"type": "TextPositionSelector", "start": 4, "end": 7},
    ]


def test_a_moment_is_said_by_the_millisecond_and_by_its_frame() -> None:
    places = selector_of(TimeSpan(12_512, 31_000, 12_512_346))
    assert [one["value"] for one in places] == ["t=12.512,31", "t=12.512347,31.000"]
    assert selector_of(TimeSpan(12_512))["value"] == "t=12.512"


def test_a_box_is_said_in_per_cent_of_its_page() -> None:
    place = selector_of(PageRegion(2, Box(10, 20, 30, 5)))
    assert place["value"] == "page=2"
    assert place["refinedBy"]["value"] == "xywh=percent:10,20,30,5"
