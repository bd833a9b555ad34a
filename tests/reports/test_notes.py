"""A coach's notes for the educator: help and no assessment, the same words in PDF, DOCX and HTML, in any script."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import docx
import page
import pikepdf
import pypdfium2
import pytest
from docx.oxml.ns import qn
from lxml import html
from tests.reports.coaching import (
    ARABIC,
    AT,
    DRAFT,
    PRIVATE,
    a_second_draft,
    coach_facts,
    shipped_relationships,
)

from assessor_desk.domain.anchor import Anchor, Box, ImageRegion, PageRegion, TimeSpan
from assessor_desk.domain.coaching import CoachingNotes
from assessor_desk.domain.handed_notes import HandedNotes, NotesFacts, handed_notes
from assessor_desk.domain.programme_look import ProgrammeLook
from assessor_desk.domain.submission import Artifact, Part
from assessor_desk.protocol.notes import notes_bytes, read_notes
from assessor_desk.reports.flow import Block, Heading, Listing, Paragraph, Table, words_of
from assessor_desk.reports.notes import (
    HELP_NOTICE,
    notes_docx,
    notes_files,
    notes_flow,
    notes_html,
    notes_pdf,
)

LOOK = ProgrammeLook("Lakeside Regional Programme")
PROFILES = (page.ValidationProfile.PDF_UA_1, page.ValidationProfile.PDF_A_3A)
HEBREW, CHINESE, VIETNAMESE = (
    "מה היית שואלת אחר כך?",
    "先写下答案，再讨论。",
    "Cô hỏi cả lớp trước khi gọi tên.",
)


def second() -> HandedNotes:
    return handed_notes(a_second_draft())


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return notes_pdf(second(), LOOK)


@pytest.fixture(scope="module")
def word() -> bytes:
    return notes_docx(second(), LOOK)


@pytest.fixture(scope="module")
def web() -> bytes:
    return notes_html(second(), LOOK)


def printed(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    pages = [one.get_textpage().get_text_range() for one in document]
    document.close()
    return " ".join(pages)


def paragraphs(word: bytes) -> list[str]:
    body = docx.Document(io.BytesIO(word)).element.body
    return ["".join(run.text or "" for run in one.iter(qn("w:t"))) for one in body.iter(qn("w:p"))]


def on_the_page(web: bytes) -> list[str]:
    main = html.document_fromstring(web.decode()).find(".//main")
    return [
        one.text_content()
        for one in main.iter("h1", "h2", "h3", "p", "th")
        if one.tag != "th" or one.find("p") is None
    ]


def said(blocks: tuple[Block, ...]) -> Iterator[str]:
    """Every paragraph, heading and cell of a flow, in reading order."""
    for block in blocks:
        match block:
            case Heading(_, words):
                yield words
            case Listing(entries):
                yield from (words_of(line) for entry in entries for line in entry)
            case Table(_, heads, rows):
                yield from heads
                yield from (words_of(line) for row in rows for cell in row for line in cell)
            case Paragraph(line):
                yield words_of(line)
            case _:
                yield words_of(block.line)  # type: ignore[union-attr]


def tight(words: str) -> str:
    return re.sub(r"\s", "", words)


# -- the three say the same --------------------------------------------------------------------------------


def test_word_and_web_say_the_same_in_the_same_order(word: bytes, web: bytes) -> None:
    wanted = [tight(one) for one in said(notes_flow(second(), LOOK).blocks)]
    assert [tight(one) for one in paragraphs(word)[2:] if tight(one)] == wanted
    assert [tight(one) for one in on_the_page(web) if tight(one)] == wanted


def test_the_pdf_says_it_in_the_same_order(pdf: bytes) -> None:
    text, place = tight(printed(pdf)), 0
    for words in said(notes_flow(second(), LOOK).blocks):
        if not re.search("[\u0600-\u06ff]", words):
            found = text.find(tight(words), place)
            assert found >= 0, words
            place = found + len(tight(words))


def test_headings_are_real_and_the_same_in_each(word: bytes, web: bytes, pdf: bytes) -> None:
    headings = [
        (block.level, block.words)
        for block in notes_flow(second(), LOOK).blocks
        if isinstance(block, Heading)
    ]
    in_word = [
        (int(one.style.name[-1]), one.text)
        for one in docx.Document(io.BytesIO(word)).paragraphs
        if one.style and one.style.name.startswith("Heading")
    ]
    on_web = [
        (int(one.tag[1]), one.text_content())
        for one in html.document_fromstring(web.decode()).iter("h1", "h2", "h3")
    ]
    assert in_word == on_web == headings
    with pikepdf.open(io.BytesIO(pdf)) as document:
        tags = [
            str(one.S)
            for one in document.objects
            if isinstance(one, pikepdf.Dictionary) and "/S" in one and "/P" in one
        ]
    assert [tags.count(f"/H{level}") for level in (1, 2, 3)] == [
        sum(1 for found, _ in headings if found == level) for level in (1, 2, 3)
    ]


def test_the_pdf_is_tagged_and_archival_and_carries_the_notes_as_data(pdf: bytes) -> None:
    for profile in PROFILES:
        report = page.validate_pdf_bytes(pdf, profile=profile)
        assert report.is_compliant, [(failure.rule_id, failure.message) for failure in report.failures]
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert document.attachments["notes.json"].get_file().read_bytes() == notes_bytes(second())


def test_the_same_notes_give_the_same_pdf_and_page(pdf: bytes, web: bytes) -> None:
    assert notes_pdf(second(), LOOK) == pdf
    assert notes_html(second(), LOOK) == web


def test_scripts_of_all_directions_come_out_as_letters() -> None:
    words = f"{ARABIC}\n{HEBREW}\n{CHINESE}\n{VIETNAMESE}\n👍 well seen"
    facts = coach_facts()
    notes = handed_notes(replace(facts, notes=replace(facts.notes, overall=words)))
    in_word, on_web, in_pdf = (
        paragraphs(notes_docx(notes, LOOK)),
        on_the_page(notes_html(notes, LOOK)),
        printed(notes_pdf(notes, LOOK)),
    )
    for line in words.splitlines():
        assert line in in_word
        assert line in on_web
    assert VIETNAMESE in in_pdf
    assert tight(CHINESE) in tight(in_pdf)
    assert set(re.findall(r"\w+", f"{ARABIC} {HEBREW}")) <= set(re.findall(r"\w+", in_pdf))


def test_all_files_are_of_one_content(pdf: bytes, word: bytes, web: bytes) -> None:
    files = notes_files(second(), DRAFT, LOOK)
    assert (files["pdf"], files["html"]) == (pdf, web)
    assert paragraphs(files["docx"]) == paragraphs(word)
    assert read_notes(files["json"]) == second()
    assert len(json.loads(files["jsonld"])["items"]) == len(second().placed)


# -- what they say -----------------------------------------------------------------------------------------


def test_it_is_said_first_that_this_is_help_and_no_assessment(word: bytes, web: bytes, pdf: bytes) -> None:
    for words in ("\n".join(paragraphs(word)), "\n".join(on_the_page(web))):
        assert HELP_NOTICE in words
        assert words.index(HELP_NOTICE) < words.index("All in all")
    assert tight(HELP_NOTICE) in tight(printed(pdf))


@pytest.mark.parametrize("write", [notes_pdf, notes_docx, notes_html])
def test_no_level_and_nothing_private_is_anywhere(
    write: Callable[[HandedNotes, ProgrammeLook], bytes],
) -> None:
    made = write(second(), LOOK)
    if made.startswith(b"PK"):
        made = b"".join(one.blob for one in docx.Document(io.BytesIO(made)).part.package.iter_parts())
    elif made.startswith(b"%PDF"):
        with pikepdf.open(io.BytesIO(made)) as document:
            made = (
                printed(made).encode()
                + str(document.docinfo).encode()
                + document.attachments["notes.json"].get_file().read_bytes()
            )
    whole = made.decode("utf-8", "replace")
    assert PRIVATE not in whole
    assert "KEPT-REASON-STAYS" not in whole
    levels = [level for criterion in shipped_relationships().criteria for level in criterion.levels]
    assert not [level.title for level in levels if level.title in whole]
    assert not [level.descriptor for level in levels if tight(level.descriptor) in tight(whole)]


def test_each_criterion_says_what_is_there_what_to_try_and_a_question(word: bytes) -> None:
    lines = [one for one in paragraphs(word) if one]
    start = lines.index("Plans contact with every student")
    assert lines[start : start + 8] == [
        "Plans contact with every student",
        "What is there",
        "Weeks 1 and 2 name six students for a talk.",
        "What to try next",
        "Put the other sixteen into the grid, those you reach least first.",
        ARABIC,
        "A question",
        "What would the Friday of week 2 look like without the game?",
    ]


def test_what_became_of_earlier_notes_is_a_table_with_a_heading_row(word: bytes, web: bytes) -> None:
    [earlier, _] = docx.Document(io.BytesIO(word)).tables
    assert [cell.text for cell in earlier.rows[0].cells] == ["Earlier note", "What it said", "In this draft"]
    assert earlier.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert [row.cells[2].text for row in earlier.rows[1:]] == [
        "Taken up",
        "Partly",
        "Not yet",
        "Not said",
        "Taken up",
    ]
    assert len(html.document_fromstring(web.decode()).findall(".//table")) == 2


def test_a_first_draft_has_no_earlier_notes() -> None:
    said_there = list(said(notes_flow(handed_notes(coach_facts()), LOOK).blocks))
    assert "What became of the earlier notes" not in said_there


def test_moments_and_parts_of_pictures_are_said_in_words() -> None:
    submission = replace(
        DRAFT,
        artifacts=(
            *DRAFT.artifacts,
            Artifact("v", Part.WORK, "talk.mp4", "A talk"),
            Artifact("i", Part.WORK, "board.jpg", "The board"),
        ),
    )
    anchors = (
        Anchor("1", "i", ImageRegion(Box(70, 70, 20, 20)), "Who wrote this?"),
        Anchor("2", "v", TimeSpan(65_000, 72_000), "You wait here."),
        Anchor("3", "a2", PageRegion(2, Box(0, 0, 100, 20)), ""),
    )
    facts = replace(coach_facts(), submission=submission, notes=CoachingNotes("n", anchors=anchors))
    lines = list(said(notes_flow(handed_notes(facts), LOOK).blocks))
    start = lines.index("Place by place")
    assert lines[start + 1 : start + 10] == [
        "Draft plan", "Note 1 · Draft plan, page 2, part: top", "Marked without words.",
        "A talk", "Note 2 · A talk 01:05–01:12", "You wait here.",
        "The board", "Note 3 · The board, part of the picture: bottom right", "Who wrote this?",
    ]  # fmt: skip


def test_it_says_how_long_notes_are_kept_and_whom_to_ask() -> None:
    facts: NotesFacts = coach_facts()
    policy = replace(
        facts.policy, contacts=replace(facts.policy.contacts, questions="Write to coaching@example.org")
    )
    about: Any = notes_flow(handed_notes(replace(facts, policy=policy)), LOOK).blocks[-1]
    told = {words_of(row[0][0]): words_of(row[1][0]) for row in about.rows}
    assert told["Kept"] == "For 365 days, then the programme removes them"
    assert told["Questions"] == "Write to coaching@example.org."
    assert told["Handed back"] == f"{AT.day} November 2026, by coach C-2040 for Lakeside Regional Programme"
