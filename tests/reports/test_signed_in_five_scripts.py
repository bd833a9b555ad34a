"""Record, feedback report and a case file's first page, signed: archival, tagged, and twinned in Word.

In Latin, Vietnamese, Arabic, Hebrew and Chinese script, in the sample programme's look.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import docx
import pikepdf
import pypdfium2 as pdfium
import pytest
from docx.oxml.ns import qn
from tests.packets.building import NOW, PROGRAMME, Laboratory, a_review, packet_facts
from tests.reports.decided import a_report, feedback_json, shipped_look, some_feedback
from tests.reports.reading_back import (
    Headings,
    assert_compliant,
    opened_headings,
    paragraphs,
    pdf_headings,
    tags_of,
    text_of,
    word_headings,
)

from assessor_desk.domain.award import Award, EvidenceHeld, Holder, Use, UseKind
from assessor_desk.domain.programme_look import ProgrammeLook
from assessor_desk.domain.review import TextField
from assessor_desk.domain.rubric import Outcome
from assessor_desk.packets.pades import sign_record
from assessor_desk.packets.record import record_content
from assessor_desk.reports.case_front import CaseFront, ContainedLine, front_docx, front_pdf
from assessor_desk.reports.docx import record_docx
from assessor_desk.reports.pdf import record_pdf
from assessor_desk.reports.report_documents import report_docx, report_pdf


@dataclass(frozen=True)
class Script:
    """A name, a sentence and the language of both."""

    language: str
    name: str
    sentence: str


SCRIPTS = {
    "latin": Script(
        "en", "Zoë Ångström-O'Neill", "You ask before you call on a pupil — façade, naïve, 40 %."
    ),
    "vietnamese": Script(
        "vi", "Nguyễn Thị Hồng Hạnh", "Cô Nguyễn Thị Hồng Hạnh hỏi cả lớp trước khi gọi tên một em."
    ),
    "arabic": Script("ar", "ليلى الحربي", "سألت المعلمة ليلى الحربي الصف كله قبل أن تنادي أحداً."),
    "hebrew": Script("he", "נעמה בן־דוד", "נעמה שאלה את כל הכיתה לפני שקראה בשם אחד."),
    "chinese": Script("zh", "陳靜怡", "学生全员先写下答案，再讨论。"),
}
KINDS = ("record", "report", "case")


def record(script: Script, look: ProgrammeLook) -> tuple[bytes, bytes]:
    """A review written in that script."""
    review = a_review("r")
    texts = {
        criterion: replace(work, texts={**work.texts, TextField.RATIONALE: script.sentence})
        for criterion, work in review.works.items()
    }
    written = replace(review, works=texts, overall=f"{script.name}\n{script.sentence}")
    content = record_content(packet_facts(review=written, look=look))
    return record_pdf(content), record_docx(content)


def report(script: Script, look: ProgrammeLook) -> tuple[bytes, bytes]:
    """What the educator of that name gets."""
    given = some_feedback(overall=script.sentence, language=script.language)
    made = a_report(feedback=given, educator=script.name, look=look)
    return report_pdf(made, feedback_json()), report_docx(made)


def case(script: Script, look: ProgrammeLook) -> tuple[bytes, bytes]:
    """What a clerk opens first."""
    award = Award(
        id="d0d0d0d0-1111-5222-8333-444444444444",
        programme=PROGRAMME,
        issuer=PROGRAMME,
        holder=Holder(script.name, "WI-204-118"),
        submission_id="5b0d2f51-9d3f-5a52-9f0e-0f2f6ef8a111",
        submission_key="7F3A-21",
        attempt=2,
        rubric_id="formative-assessment-math",
        rubric_version="2026.1",
        micro_credential="Leveraging Formative Assessment During a Math Lesson",
        outcome=Outcome.EARNED,
        decided_at=NOW,
        decision="ab" * 32,
        replaced=(),
        packets=("cd" * 32,),
        uses=(Use(UseKind.HOURS, "15"), Use(UseKind.SALARY)),
        evidence=EvidenceHeld(PROGRAMME, date(2031, 11, 20)),
        issued_at=NOW + timedelta(days=1),
        program_version="0.1.0",
    )
    lines = (
        ContainedLine("decision", "reviewer", "R-0207", NOW, "decides earned", "ab" * 32),
        ContainedLine("packet", "assessor", "A-1184", NOW, "recommends earned", "cd" * 32),
    )
    front = CaseFront(award, "confirmed", lines, True, script.language, look)
    return front_pdf(front, b'{"holder":{}}'), front_docx(front)


MADE = {"record": record, "report": report, "case": case}


@cache
def documents(kind: str, script: str) -> tuple[bytes, bytes]:
    """PDF and DOCX of one kind in one script."""
    return MADE[kind](SCRIPTS[script], shipped_look())


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    return Laboratory(tmp_path_factory.mktemp("lab"))


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_signed_document_is_archival_and_tagged(kind: str, script: str, lab: Laboratory) -> None:
    pdf, _ = documents(kind, script)

    signed = sign_record(pdf, lab.signer, NOW, "Assessor A-1184")

    assert_compliant(signed)
    assert text_of(signed) == text_of(pdf)
    if script in ("arabic", "hebrew"):
        assert SCRIPTS[script].language in {tag.language for tag in tags_of(signed)}


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("kind", KINDS)
def test_its_twin_in_word_has_the_same_headings_and_all_letters(kind: str, script: str) -> None:
    pdf, word = documents(kind, script)

    assert without_gaps(word_headings(word)) == without_gaps(pdf_headings(pdf))
    whole = "\n".join(paragraphs(word))
    if kind != "record":
        assert SCRIPTS[script].name in whole
    if kind != "case":
        assert SCRIPTS[script].sentence in whole


@pytest.mark.parametrize("script", ["arabic", "hebrew"])
def test_an_english_sentence_about_a_name_from_the_right_begins_at_the_left(script: str) -> None:
    pdf, word = documents("case", script)
    name = SCRIPTS[script].name

    [lead] = [
        one for one in docx.Document(io.BytesIO(word)).paragraphs if one.text.startswith(f"{name} earned")
    ]
    assert lead._p.pPr is None or lead._p.pPr.find(qn("w:bidi")) is None
    assert "earned the micro-credential" in text_of(pdf)


@pytest.mark.parametrize("script", ["arabic", "hebrew"])
def test_words_in_latin_letters_begin_at_the_left_in_a_document_that_goes_right_to_left(script: str) -> None:
    pdf, _ = documents("report", script)
    with pdfium.PdfDocument(pdf) as read:
        page = read[0].get_textpage()
        at, _ = page.search("For ").get_next()
        stop, _ = page.search("quick and visible.").get_next()

        assert page.get_charbox(at)[0] < 56, "“For” stands at the margin, before the name"
        assert page.get_charbox(stop + 17)[0] > page.get_charbox(stop + 16)[0], (
            "and the stop after its sentence"
        )
        page.close()


@pytest.mark.parametrize("kind", KINDS)
def test_rows_of_tables_in_word_go_to_the_next_page_as_a_whole(kind: str) -> None:
    _, word = documents(kind, "latin")

    rows = [row for table in docx.Document(io.BytesIO(word)).tables for row in table.rows]
    heads = [row for row in rows if row._tr.trPr.find(qn("w:tblHeader")) is not None]
    kept = [row for row in rows if row._tr.trPr.find(qn("w:cantSplit")) is not None]
    assert len(heads) + len(kept) == len(rows) > len(heads) > 0


def without_gaps(headings: Headings) -> Headings:
    return [(level, "".join(words.split())) for level, words in headings]


def test_libreoffice_opens_the_twins_with_the_same_headings(
    tool: Callable[[str], str], tmp_path: Path
) -> None:
    pairs = zip(["record", "report", "case", "record", "case"], SCRIPTS, strict=True)
    words = [documents(kind, script)[1] for kind, script in pairs]

    found = opened_headings(tool("soffice"), tmp_path, *words)

    assert [without_gaps(one) for one in found] == [without_gaps(word_headings(word)) for word in words]


@pytest.mark.parametrize("kind", KINDS)
def test_the_programmes_look_reaches_every_document(kind: str) -> None:
    """Logo with its alternative, paper and colour; a programme without a look of its own has a plain one."""
    alternative = "Lakeside Regional Programme, a sun over two waves"
    look = replace(shipped_look(), paper="a4", accent="#7A1F5C")
    pdf, word = MADE[kind](SCRIPTS["latin"], look)
    plain, plain_word = MADE[kind](SCRIPTS["latin"], ProgrammeLook(PROGRAMME))

    assert [tag.alternative for tag in tags_of(pdf) if tag.name == "Figure"] == [alternative]
    assert [tag for tag in tags_of(plain) if tag.name == "Figure"] == []
    assert (round(width_of(pdf)), round(width_of(plain))) == (595, 612)
    assert word_paper(word) == (210, 1)
    assert word_paper(plain_word) == (216, 0)


def width_of(pdf: bytes) -> float:
    """In points."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return float(opened.pages[0].MediaBox[2])


def word_paper(word: bytes) -> tuple[int, int]:
    """The width of the paper in millimetres, and how many pictures there are."""
    opened = docx.Document(io.BytesIO(word))
    width = opened.sections[0].page_width
    assert width is not None
    return round(width.mm), len(opened.inline_shapes)
