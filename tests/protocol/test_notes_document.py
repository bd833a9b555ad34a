"""A coach's notes as the document that goes through a source: canonical, after its schema, read back as they were."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest
from tests.reports.coaching import (
    DRAFT,
    PRIVATE,
    a_second_draft,
    coach_facts,
    shipped_relationships,
)

from assessor_desk.domain.anchor import Anchor, Box, ImageRegion, PageRegion, TextQuote, TimeSpan
from assessor_desk.domain.coaching import Uptake
from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.domain.handed_notes import handed_notes, place_in_words
from assessor_desk.places import schemas
from assessor_desk.protocol.notes import annotations_bytes, notes_bytes, notes_digest, read_notes


def schema(name: str) -> object:
    return json.loads((schemas() / f"{name}.schema.json").read_text(encoding="utf-8"))


def test_notes_are_read_as_they_were_written() -> None:
    for facts in (coach_facts(), a_second_draft()):
        notes = handed_notes(facts)
        assert read_notes(notes_bytes(notes)) == notes


def test_the_document_follows_its_schema_and_is_the_same_each_time() -> None:
    document = notes_bytes(handed_notes(a_second_draft()))
    jsonschema.validate(json.loads(document), schema("notes"))
    assert notes_digest(document) == notes_digest(notes_bytes(handed_notes(a_second_draft())))


def test_there_is_no_level_and_no_private_note_in_it() -> None:
    document = notes_bytes(handed_notes(a_second_draft())).decode()
    assert PRIVATE not in document
    assert "level" not in document
    for criterion in shipped_relationships().criteria:
        assert not [level.title for level in criterion.levels if level.title in document]
        assert not [level.descriptor for level in criterion.levels if level.descriptor in document]


def test_the_rubrics_order_is_kept_and_silent_criteria_are_left_out() -> None:
    notes = handed_notes(coach_facts())
    assert [one.criterion for one in notes.criteria] == ["learns-interests", "plans-contact", "listens"]


def test_notes_at_places_stand_as_one_meets_them_in_the_draft() -> None:
    assert [one.anchor.id for one in handed_notes(coach_facts()).placed] == ["p5", "p4", "p1", "p2", "p3"]


@pytest.mark.parametrize(
    ("selector", "said"),
    [
        (ImageRegion(Box(2, 3, 20, 20)), "Overview, part of the picture: top left"),
        (ImageRegion(Box(40, 40, 20, 20)), "Overview, part of the picture: middle"),
        (PageRegion(2, Box(5, 70, 90, 20)), "Overview, page 2, part: bottom"),
        (PageRegion(2, Box(0, 0, 100, 100)), "Overview, page 2, part: most of it"),
        (PageRegion(3), "Overview, page 3"),
        (TimeSpan(1000, 2000), "Overview 00:01–00:02"),
        (TextQuote("door", page=1), "Overview, “door” (page 1)"),
    ],
)
def test_a_place_is_said_to_somebody_without_a_picture_of_it(selector: object, said: str) -> None:
    anchor = Anchor("x", DRAFT.artifacts[0].id, selector)  # type: ignore[arg-type]
    assert place_in_words(DRAFT, anchor) == said


def test_earlier_notes_come_with_what_became_of_them_and_silence_is_no_answer() -> None:
    earlier = handed_notes(a_second_draft()).earlier
    assert [(one.about, one.uptake) for one in earlier] == [
        ("Learns what matters to each student: what to try next", Uptake.TAKEN_UP),
        ("Plans contact with every student: what to try next", Uptake.PARTLY),
        ("Plans contact with every student: a question", Uptake.NOT),
        ("Draft plan, “Ask what they did at the weekend.”", None),
        ("Draft plan, “Every student tries their best in advisory, and…”", Uptake.TAKEN_UP),
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document[:-20],
        lambda document: document.replace(b'"present"', b'"level"', 1),
        lambda document: document.replace(b"assessor-desk/notes/1", b"assessor-desk/notes/2"),
        lambda document: b" " + document,
        lambda document: document.replace(b'"taken_up"', b'"forgotten"', 1),
        lambda document: b"[" * 100_000,
        lambda document: b"\xff\xfe",
    ],
    ids=["cut short", "a level", "another version", "white space", "an uptake unknown", "nested", "no text"],
)
def test_anything_else_is_not_read(change: object) -> None:
    document = notes_bytes(handed_notes(a_second_draft()))
    with pytest.raises(Damaged, match=r"coach's notes"):
        read_notes(change(document))  # type: ignore[operator]


def test_half_a_character_is_refused_in_words() -> None:
    facts = coach_facts()
    with pytest.raises(Refused, match="no character"):
        notes_bytes(handed_notes(replace(facts, notes=replace(facts.notes, overall="half \ud83d"))))


def test_annotations_are_w3c_ones_and_name_artifacts_by_digest() -> None:
    facts = coach_facts()
    page = json.loads(annotations_bytes(handed_notes(facts), facts.submission))
    jsonschema.validate(page, schema("annotations"))
    first = next(one for one in page["items"] if "favourite foods" in json.dumps(one["target"]))
    assert first["motivation"] == "commenting"
    assert first["target"]["source"] == f"urn:sha256:{facts.submission.artifacts[1].sha256}"
    assert [body["purpose"] for body in first["body"]] == ["describing", "classifying"]
    assert first["body"][1]["value"] == "Learns what matters to each student"
