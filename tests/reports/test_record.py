"""The record of a review: tagged, archival, the same words on paper and in Word, in any script."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import pikepdf
import pytest
from docx.oxml.ns import qn
from tests.packets.building import (
    ARABIC,
    NOW,
    OVERALL,
    VIETNAMESE,
    Laboratory,
    a_review,
    a_submission,
    packet_facts,
    shipped_rubric,
)
from tests.reports.reading_back import assert_compliant, paragraphs, pdf_headings, text_of, word_headings

from assessor_desk.domain.rubric import DecisionRule, Outcome
from assessor_desk.domain.submission import ReasonCode
from assessor_desk.packets.pades import sign_record
from assessor_desk.packets.record import record_content
from assessor_desk.reports import letters
from assessor_desk.reports.content import RecordContent
from assessor_desk.reports.docx import record_docx
from assessor_desk.reports.pdf import Attachment, record_pdf

ATTACHMENT = Attachment("review.json", "application/json", "The review as data", b'{"level":"demonstrated"}')
CJK = "学生全员先写下答案，再讨论。"


def content(**changes: Any) -> RecordContent:
    """The record's content of changed facts."""
    return record_content(packet_facts(**changes))


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """Somebody to sign the record."""
    return Laboratory(tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="module")
def pdf() -> bytes:
    """The record of the sample review."""
    return record_pdf(content(), (ATTACHMENT,))


@pytest.fixture(scope="module")
def word() -> bytes:
    """The same as DOCX."""
    return record_docx(content())


# -- PDF ---------------------------------------------------------------------------------------------------


def test_the_record_is_tagged_and_archival(pdf: bytes) -> None:
    assert_compliant(pdf)


def test_the_record_stays_tagged_and_archival_when_signed(pdf: bytes, lab: Laboratory) -> None:
    assert_compliant(sign_record(pdf, lab.signer, NOW, "Assessor A-1184"))


def test_the_signature_field_has_a_name_for_screen_readers(pdf: bytes, lab: Laboratory) -> None:
    with pikepdf.open(io.BytesIO(sign_record(pdf, lab.signer, NOW, "Assessor A-1184"))) as document:
        [field] = document.Root.AcroForm.Fields
        assert (str(field.TU), str(field.V.Name), str(field.V.M)) == (
            "Assessor A-1184",
            "Assessor A-1184",
            "D:20261121170312Z",
        )


@pytest.mark.parametrize(
    "changes",
    [
        {"review": replace(a_review("r"), completeness=(ReasonCode.UNREADABLE.value,), works={}, anchors=())},
        {"review": a_review("r", below=""), "findings": (), "attestations": ()},
        {"submission": replace(a_submission(), artifacts=())},
        {"review": replace(a_review("r"), overall=f"{ARABIC}\n\n{VIETNAMESE}\n{CJK}\n👍 and “quotes”")},
        {"review": replace(a_review("r"), overall="word " * 4000)},
    ],
    ids=["incomplete", "all-passing", "no-artifacts", "scripts", "long"],
)
def test_every_kind_of_record_is_tagged_and_archival(changes: dict[str, Any], lab: Laboratory) -> None:
    assert_compliant(
        sign_record(record_pdf(content(**changes), (ATTACHMENT,)), lab.signer, NOW, "Assessor A-1184")
    )


def test_the_same_content_gives_the_same_bytes(pdf: bytes) -> None:
    assert record_pdf(content(), (ATTACHMENT,)) == pdf


def test_a_preview_and_a_seal_can_make_records_at_the_same_time(pdf: bytes) -> None:
    with ThreadPoolExecutor(4) as threads:
        made = [threads.submit(record_pdf, content(), (ATTACHMENT,)) for _ in range(8)]

    assert {one.result() for one in made} == {pdf}


def test_the_review_is_embedded_byte_for_byte(pdf: bytes) -> None:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert document.attachments["review.json"].get_file().read_bytes() == ATTACHMENT.content


def test_the_record_has_a_title_and_a_language(pdf: bytes) -> None:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert str(document.docinfo.Title) == "Record of review, submission 7F3A-21, attempt 2"
        assert str(document.Root.Lang).startswith("en")
        assert bool(document.Root.ViewerPreferences.DisplayDocTitle)


def test_words_are_set_and_never_run(tmp_path: Path) -> None:
    hostile = '#read("/etc/passwd") *bold* $x$ <label> @ref \\ // [x](y) #pagebreak()'
    said = text_of(record_pdf(content(review=replace(a_review("r"), overall=hostile))))

    assert " ".join(hostile.split()) in said


def test_vietnamese_and_arabic_come_out_as_letters(pdf: bytes) -> None:
    said = text_of(pdf)

    assert VIETNAMESE in said
    assert set(re.findall(r"\w+", "المعلمة ليلى الحربي")) <= set(re.findall(r"\w+", said))


def test_all_fonts_are_embedded(pdf: bytes) -> None:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        descriptors = [one for one in document.objects if _is_font_descriptor(one)]

        assert descriptors
        assert all("/FontFile2" in one or "/FontFile3" in one for one in descriptors)


def _is_font_descriptor(thing: Any) -> bool:
    return isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/FontDescriptor"


def test_what_no_bundled_font_can_show_is_said_in_words() -> None:
    said = text_of(
        record_pdf(
            content(review=replace(a_review("r"), overall="Good \U0001f0a1\ufe0f and สวัสดี and \0\x1b[m."))
        )
    )

    assert "Good [playing card ace of spades] and" in said
    assert "the Word document has them] and [m." in said


def test_the_usual_characters_are_all_in_the_bundled_fonts() -> None:
    usual = {chr(point) for point in range(0x3000) if letters._USUAL.fullmatch(chr(point))} - {"\n", "\t"}

    assert len(usual) > 400
    assert {one for one in usual if ord(one) not in letters.covered()} == set()


def test_the_bundled_fonts_have_latin_vietnamese_arabic_and_chinese() -> None:
    for words in (VIETNAMESE, ARABIC, CJK, "Grüße, ελληνικά, кириллица"):
        assert letters.printable_text(words) == words


# -- DOCX --------------------------------------------------------------------------------------------------


def test_headings_are_real_and_in_order(word: bytes) -> None:
    levels = [level for level, _ in word_headings(word)]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_tables_have_heading_rows_that_repeat(word: bytes) -> None:
    tables = docx.Document(io.BytesIO(word)).tables

    assert len(tables) == 3
    assert all(table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None for table in tables)


def test_the_language_and_the_title_are_said(word: bytes) -> None:
    document = docx.Document(io.BytesIO(word))

    assert document.core_properties.language == "en-US"
    assert document.core_properties.title == "Record of review, submission 7F3A-21, attempt 2"
    assert document.core_properties.created == NOW


def test_word_gets_every_character_but_those_that_xml_forbids() -> None:
    odd = replace(a_review("r"), overall="Good 👍 and สวัสดี\0\x1b[m\ud800.")

    assert "Good 👍 and สวัสดี[m." in paragraphs(record_docx(content(review=odd)))


def test_right_to_left_words_are_set_right_to_left(word: bytes) -> None:
    [arabic] = [one for one in docx.Document(io.BytesIO(word)).paragraphs if one.text == ARABIC]

    assert arabic._p.pPr.find(qn("w:bidi")) is not None
    assert arabic.runs[0].font.rtl


# -- the two say the same ----------------------------------------------------------------------------------


def strings(thing: Any) -> Iterator[str]:
    """Every text in a record's content, line by line."""
    if isinstance(thing, str):
        yield from (line for line in thing.splitlines() if line.strip())
    elif isinstance(thing, tuple):
        for one in thing:
            yield from strings(one)
    elif hasattr(thing, "__dataclass_fields__"):
        for name in thing.__dataclass_fields__:
            if name not in (
                "standing",
                "key",
                "date",
                "title",
                "sample",
                "running",
                "foot",
                "programme",
                "look",
            ):
                yield from strings(getattr(thing, name))


def test_all_words_of_the_content_are_in_both(pdf: bytes, word: bytes) -> None:
    printed = re.sub(r"\s", "", text_of(pdf))
    in_word = re.sub(r"\s", "", "".join(paragraphs(word)))
    for line in strings(content()):
        wanted = re.sub(r"\s", "", line)
        assert wanted.casefold() in in_word.casefold(), line
        if not re.search("[\u0600-\u06ff]", line):
            assert wanted.casefold() in printed.casefold(), line


def test_both_have_the_same_headings_in_the_same_order(pdf: bytes, word: bytes) -> None:
    assert pdf_headings(pdf) == word_headings(word)


# -- what it says ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("below", "words"),
    [
        ("", "Recommends earned. All five criteria are Demonstrated."),
        (
            "elicits-evidence",
            "Recommends not yet. Four of five criteria are Demonstrated; criterion 2 needs new evidence.",
        ),
    ],
)
def test_the_outcome_comes_first_and_plainly(below: str, words: str) -> None:
    assert content(review=a_review("r", below)).headline == words


def test_several_criteria_below_are_listed_by_number() -> None:
    review = a_review("r")
    works = {
        criterion: replace(work, level="not-met") if criterion != "gives-feedback" else work
        for criterion, work in review.works.items()
    }

    assert content(review=replace(review, works=works)).headline == (
        "Recommends not yet. One of five criteria is Demonstrated; criteria 1, 2, 3 and 5 need new evidence."
    )


def test_a_rule_that_asks_for_fewer_says_so() -> None:
    rubric = replace(shipped_rubric(), decision_rule=DecisionRule("at_least", 4))
    facts = packet_facts(rubric=rubric)

    assert facts.recommendation is Outcome.EARNED
    assert record_content(facts).headline == (
        "Recommends earned. Four of five criteria are Demonstrated, as many as the rubric's rule asks for."
    )


def test_an_incomplete_submission_says_nothing_of_competence() -> None:
    review = replace(a_review("r"), completeness=(ReasonCode.MISSING_PART.value, ReasonCode.UNREADABLE.value))
    said = content(review=review)

    assert said.headline == "Recommends incomplete. Competence was not scored."
    assert said.reasons == ("A part is missing", "Unreadable, inaudible or unplayable")
    assert (said.criteria, said.strengths, said.next_steps) == ((), (), ())


def test_overall_feedback_comes_before_strengths_next_steps_and_criteria(word: bytes) -> None:
    said = "\n".join(paragraphs(word))

    order = ["Recommends not yet", OVERALL, "What is strong", "Next steps", "Criterion by criterion", "Checks kept",
             "Attested by the signer", "What was looked at", "About this record", "How to check it"]  # fmt: skip
    places = [said.index(words) for words in order]
    assert places == sorted(places)


def test_the_private_notes_are_not_in_the_record() -> None:
    assert "NEVER-LEAVES" not in repr(content())


def test_a_month_is_said_in_english_whatever_the_locale() -> None:
    assert "21 November 2026" in content().running
