"""The report's three documents say the same, in the same order, to eyes and to screen readers, in any script."""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import jsonschema
import pikepdf
import pypdfium2
import pytest
from docx.oxml.ns import qn
from lxml import html
from tests.packets.building import ARABIC, TEXTS, Laboratory
from tests.reports.decided import (
    DECIDED_AT,
    EARNED,
    INCOMPLETE,
    NOT_YET,
    a_report,
    feedback_json,
    shipped_look,
    some_feedback,
)
from tests.reports.leaks import every_byte
from tests.reports.reading_back import (
    assert_compliant,
    html_headings,
    html_lines,
    opened_headings,
    pages_of,
    paragraphs,
    pdf_headings,
    tags_of,
    text_of,
    word_headings,
)

from assessor_desk.domain.programme_look import PNG, Logo, ProgrammeLook
from assessor_desk.domain.review import TextField
from assessor_desk.domain.rubric import Outcome
from assessor_desk.packets.pades import sign_record
from assessor_desk.places import schemas
from assessor_desk.reports.feedback_report import FeedbackReport
from assessor_desk.reports.flow import Block, Flow, Heading, NewPage, Paragraph, Run
from assessor_desk.reports.flow_pdf import flow_pdf
from assessor_desk.reports.report_documents import CRITERIA_HEADS, report_docx, report_html, report_pdf
from assessor_desk.reports.typesetting import drawing_as_png

OUTCOMES = (EARNED, NOT_YET, INCOMPLETE)
NAMES = {
    "ar": "ليلى الحربي",
    "he": "נעמה בן־דוד",
    "zh": "陳靜怡",
    "vi": "Nguyễn Thị Hồng Hạnh",
    "emoji": "Sam 👍🏽 Rivera",
}
#: Half the width of a US letter page, in points.
MIDDLE = 306
ALTERNATIVE = "Lakeside Regional Programme, a sun over two waves"


def squeezed(words: str) -> str:
    return re.sub(r"\s", "", words)


def documents(report: FeedbackReport, outcome: Outcome = NOT_YET) -> tuple[bytes, bytes, bytes]:
    """PDF, DOCX and HTML."""
    return report_pdf(report, feedback_json(outcome)), report_docx(report), report_html(report)


def printed(pdf: bytes, report: FeedbackReport) -> str:
    """A PDF's words without those that stand on every page."""
    said = [squeezed(one) for one in pages_of(pdf)]
    head = squeezed(report.programme + report.running)
    later = [one.replace(head, "", 1) if number else one for number, one in enumerate(said)]
    foot = re.compile(re.escape(squeezed(report.foot)) + r"\d+of\d+")
    assert all(foot.search(one) for one in later)
    return "".join(foot.sub("", one) for one in later)


@pytest.fixture(scope="module", params=OUTCOMES, ids=lambda one: one.value)
def made(request: pytest.FixtureRequest) -> tuple[FeedbackReport, bytes, bytes, bytes]:
    """A report of each outcome with its three documents."""
    report = a_report(request.param)
    return report, *documents(report, request.param)


# -- the three say the same --------------------------------------------------------------------------------


def test_word_and_html_say_word_for_word_the_same_in_the_same_order(made: Any) -> None:
    _, _, word, page = made

    assert [squeezed(one) for one in paragraphs(word) if one.strip()] == [
        squeezed(one) for one in html_lines(page)
    ]


def test_the_pdf_says_the_same_in_the_same_order_and_nothing_else(made: Any) -> None:
    report, pdf, _, page = made
    rest, left = printed(pdf, report), ""
    again = squeezed("".join(CRITERIA_HEADS))
    for line in map(squeezed, html_lines(page)):
        before, found, rest = rest.partition(line)
        assert found, line
        left += before
    assert re.fullmatch(rf"([\d.–]|{again})*", left + rest), (
        "numbers and dashes of lists, heads on a further page"
    )


def test_all_three_have_the_same_headings_at_the_same_levels(made: Any) -> None:
    _, pdf, word, page = made
    headings = html_headings(page)

    assert pdf_headings(pdf) == headings
    assert word_headings(word) == headings
    assert headings[0][0] == 1
    assert [level for level, _ in headings].count(1) == 1


def test_the_order_is_outcome_feedback_strengths_steps_criteria_and_what_now() -> None:
    headings = [words for _, words in html_headings(report_html(a_report()))]

    assert headings == [
        "Not yet earned. Four of five criteria are Demonstrated; criterion 2 needs new evidence.",
        "Overall feedback",
        "What is already strong",
        "To earn it",
        "If you like",
        "Criterion by criterion",
        "How to send it again, how to appeal, and whom to ask",
        "Criterion 2. Elicits evidence from every student",
        "Strength",
        "Next step",
        "What would show it",
        "At the next level, Demonstrated",
        "About this report",
    ]


def test_word_opened_in_libreoffice_has_the_same_headings(
    tool: Callable[[str], str], tmp_path: Path, made: Any
) -> None:
    _, _, word, page = made
    assert opened_headings(tool("soffice"), tmp_path, word) == [html_headings(page)]


# -- what machines read ------------------------------------------------------------------------------------


def test_table_headers_are_real_in_each(made: Any) -> None:
    report, pdf, word, page = made
    heads = (
        [["Criterion", "Level", "What the rubric says at this level", "Evidence"]] if report.criteria else []
    )
    heads.append(["What", "As decided"])
    root = html.document_fromstring(page)
    tables = docx.Document(io.BytesIO(word)).tables

    assert [
        [one.text for one in table.iter("th") if one.get("scope") == "col"] for table in root.iter("table")
    ] == heads
    assert all(row.find("th").get("scope") == "row" for row in root.findall(".//tbody/tr"))
    assert [[cell.text for cell in table.rows[0].cells] for table in tables] == heads
    assert all(table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None for table in tables)
    assert [tag.name for tag in tags_of(pdf)].count("TH") == sum(map(len, heads))


def test_the_logo_has_its_alternative_in_each(made: Any) -> None:
    _, pdf, word, page = made
    drawn = docx.Document(io.BytesIO(word)).element.body.iter(qn("wp:docPr"))
    [picture] = html.document_fromstring(page).iter("img")

    assert [tag.alternative for tag in tags_of(pdf) if tag.name == "Figure"] == [ALTERNATIVE]
    assert [one.get("descr") for one in drawn] == [ALTERNATIVE]
    assert picture.get("alt") == ALTERNATIVE


def test_title_language_and_date_are_said_in_each(made: Any) -> None:
    report, pdf, word, page = made
    properties = docx.Document(io.BytesIO(word)).core_properties
    root = html.document_fromstring(page)

    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert str(document.docinfo.Title) == report.title
        assert str(document.Root.Lang).startswith("en")
        assert str(document.docinfo.CreationDate).startswith("D:20261120153000")
    assert (properties.title, properties.language, properties.created) == (report.title, "en-US", DECIDED_AT)
    assert (root.get("lang"), root.get("dir"), root.findtext("head/title")) == ("en", "ltr", report.title)


def test_feedback_in_another_language_is_marked_as_such_in_each() -> None:
    report = a_report(
        feedback=some_feedback(language="es", overall="La lección gira en torno a una buena pregunta.")
    )
    pdf, word, page = documents(report)
    [spoken] = html.document_fromstring(page).xpath(
        "//*[text()='La lección gira en torno a una buena pregunta.']"
    )
    [run] = [
        run
        for one in docx.Document(io.BytesIO(word)).paragraphs
        for run in one.runs
        if run.text.startswith("La lección")
    ]

    assert spoken.get("lang") == "es"
    assert run._r.rPr.find(qn("w:lang")).get(qn("w:val")) == "es"
    assert "es" in {tag.language for tag in tags_of(pdf)}


# -- PDF ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("paper", ["letter", "a4"])
def test_the_pdf_is_tagged_archival_and_stays_so_when_sealed(made: Any, paper: str, tmp_path: Path) -> None:
    report, *_ = made
    pdf = report_pdf(replace(report, look=replace(report.look, paper=paper)), feedback_json(report.outcome))
    lab = Laboratory(tmp_path)
    reviewer = lab.enrolled("R-0207", "reviewer")
    sealed = sign_record(pdf, reviewer, lab.now, "Reviewer R-0207")

    assert_compliant(pdf)
    assert_compliant(sealed)
    assert text_of(sealed) == text_of(pdf)


def test_the_pdf_carries_the_decisions_feedback_byte_for_byte(made: Any) -> None:
    report, pdf, *_ = made
    schema = json.loads((schemas() / "feedback.schema.json").read_text(encoding="utf-8"))
    with pikepdf.open(io.BytesIO(pdf)) as document:
        embedded = document.attachments["feedback.json"].get_file().read_bytes()

    assert embedded == feedback_json(report.outcome)
    jsonschema.validate(json.loads(embedded), schema)


def test_long_texts_go_on_over_pages_and_lose_no_word() -> None:
    feedback = some_feedback(overall="Word " * 3000 + "overall-end.")
    for one in feedback["criteria"]:
        one["strength"] = "Word " * 1500 + f"strength-end-{one['criterion']}."
        one["next_step"] = "Word " * 1500 + f"step-end-{one['criterion']}."
        one["evidence"] = one["evidence"] * 200
    pdf = report_pdf(a_report(feedback=feedback), feedback_json())

    assert_compliant(pdf)
    said = text_of(pdf)
    assert said.count("strength-end-") == 6, "five among the strengths, one in the section of criterion 2"
    assert "overall-end." in said
    assert said.count("Lesson video 04:38") == 200
    assert outside_of_pages(pdf) == ""


def outside_of_pages(pdf: bytes) -> str:
    """The letters that lie beyond a page's edges."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "".join(_outside(page) for page in document)
    finally:
        document.close()


def _outside(page: Any) -> str:
    width, height = page.get_size()
    words = page.get_textpage()
    boxes = ((at, words.get_charbox(at)) for at in range(words.count_chars()))
    return "".join(
        words.get_text_range(at, 1)
        for at, (left, bottom, right, top) in boxes
        if left < 0 or bottom < 0 or right > width or top > height
    )


def test_a_new_page_is_begun_but_none_is_left_with_a_few_lines_alone() -> None:
    def paged(lines: int, *after: Block) -> list[str]:
        words = [Paragraph((Run(f"Line {number} of so many"),)) for number in range(lines)]
        flow = Flow(
            "T", "2026-11-22T10:00:00+00:00", (), "r", "f", "P", ProgrammeLook("P"), "en", (*words, *after)
        )
        return pages_of(flow_pdf(flow, ()))

    over = bisect_left(range(400), 2, key=lambda lines: len(paged(lines)))
    following = (NewPage(), Heading(1, "What follows"))

    assert [("What follows" in page) for page in paged(over - 2, *following)] == [False, True]
    assert [("What follows" in page) for page in paged(over + 2, *following)] == [False, True]


def test_letter_and_a4_are_the_sizes_they_say() -> None:
    sizes = {}
    for paper in ("letter", "a4"):
        pdf, word, page = documents(a_report(look=replace(shipped_look(), paper=paper)))
        section = docx.Document(io.BytesIO(word)).sections[0]
        document = pypdfium2.PdfDocument(pdf)
        printed_on = map(round, document.get_page_size(0))
        sizes[paper] = (*printed_on, round(section.page_width.pt), round(section.page_height.pt))
        document.close()
        assert f"@page {{ size: {'A4' if paper == 'a4' else 'letter'}; }}" in page.decode()

    assert sizes == {"letter": (612, 792, 612, 792), "a4": (595, 842, 595, 842)}


def test_the_same_report_gives_the_same_bytes() -> None:
    first, second = documents(a_report()), documents(a_report())

    assert (first[0], first[2]) == (second[0], second[2])


# -- HTML --------------------------------------------------------------------------------------------------


def test_the_html_file_fetches_and_runs_nothing(made: Any) -> None:
    _, _, _, page = made
    root = html.document_fromstring(page)
    addresses = [
        value for one in root.iter() for name, value in one.attrib.items() if name in ("src", "href")
    ]

    assert all(one.startswith("data:image/") for one in addresses)
    assert not root.xpath("//script | //link | //iframe | //object | //@onclick | //@onload")
    assert "default-src 'none'" in root.xpath("string(//meta[@http-equiv]/@content)")


def test_words_are_shown_and_never_taken_for_markup() -> None:
    hostile = '<script>alert(1)</script> & #read("/etc/passwd") *bold* $x$ <b>bold</b>'
    report = a_report(feedback=some_feedback(overall=hostile))
    pdf, word, page = documents(report)

    assert squeezed(hostile) in squeezed(text_of(pdf))
    assert hostile in paragraphs(word)
    assert hostile in html_lines(page)
    assert not html.document_fromstring(page).xpath("//script")


# -- any script --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_names_in_any_script_come_out_whole_in_each(name: str) -> None:
    pdf, word, page = documents(a_report(EARNED, educator=name), EARNED)
    said = text_of(pdf)

    assert_compliant(pdf)
    assert f"For {name}" in paragraphs(word)
    assert f"For {name}" in html_lines(page)
    assert "[" not in said, "no letter is replaced by words"
    assert sorted(re.sub(r"[\s\ufe0f]", "", name)) == sorted(
        letter for letter in _on_the_greeting_line(pdf) if letter in name and letter.strip()
    )


def _on_the_greeting_line(pdf: bytes) -> str:
    """The line with “For”, which PDFium gives after words that go right to left."""
    [line] = [one for one in pages_of(pdf)[0].splitlines() if re.search(r"^For\b|\bFor$", one)]
    return line.replace("For", "", 1)


@pytest.mark.parametrize("name", [NAMES["he"], NAMES["ar"]], ids=["he", "ar"])
def test_right_to_left_names_begin_at_the_right(name: str) -> None:
    pdf, _, _ = documents(a_report(EARNED, educator=name), EARNED)

    assert place_of(name[0], pdf) > place_of(name[-1], pdf)


def place_of(letter: str, pdf: bytes) -> float:
    """How far from the left of the first page a letter first stands, in points."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        page = document[0].get_textpage()
        at = next(at for at in range(page.count_chars()) if page.get_text_range(at, 1) == letter)
        return float(page.get_charbox(at)[0])
    finally:
        document.close()


@pytest.mark.parametrize(
    ("words", "language"), [(ARABIC, "ar"), ("נעמה שאלה את כל הכיתה לפני שקראה בשם אחד.", "he")]
)
def test_feedback_that_goes_right_to_left_is_laid_out_so_in_each(words: str, language: str) -> None:
    pdf, word, page = documents(a_report(feedback=some_feedback(overall=words)))
    [paragraph] = [one for one in docx.Document(io.BytesIO(word)).paragraphs if one.text == words]
    [line] = [one for one in html.document_fromstring(page).iter("p") if one.text_content() == words]

    assert_compliant(pdf)
    assert language in {tag.language for tag in tags_of(pdf)}
    assert place_of(words[0], pdf) > MIDDLE
    assert paragraph._p.pPr.find(qn("w:bidi")) is not None
    assert paragraph.runs[0].font.rtl
    assert (line.get("dir"), line.find("span").get("lang")) == ("rtl", language)


# -- only feedback leaves ----------------------------------------------------------------------------------


def test_no_byte_of_a_report_holds_what_is_not_the_educators(made: Any, tmp_path: Path) -> None:
    report, pdf, word, page = made
    lab = Laboratory(tmp_path)
    sealed = sign_record(pdf, lab.enrolled("R-0207", "reviewer"), lab.now, "Reviewer R-0207")
    rationales = [line for texts in TEXTS.values() for line in texts[TextField.RATIONALE].splitlines()]
    secrets = [
        *rationales,
        "NEVER-LEAVES",
        "A-1184",
        "Hồng Hạnh",
        "مدرسة النور",
        "needs no more words than these",
    ]
    for file in (pdf, sealed, word, page):
        held = every_byte(file)
        assert report.key.encode() in held
        for secret in secrets:
            for encoding in ("utf-8", "utf-16-be", "utf-16-le"):
                assert secret.encode(encoding) not in held, secret


# -- the look ----------------------------------------------------------------------------------------------


def test_a_programme_without_a_logo_has_a_plain_letterhead() -> None:
    pdf, word, page = documents(a_report(look=replace(shipped_look(), logo=None, closing=())))

    assert_compliant(pdf)
    assert "Figure" not in [tag.name for tag in tags_of(pdf)]
    assert not list(html.document_fromstring(page).iter("img"))
    assert not docx.Document(io.BytesIO(word)).inline_shapes


def test_a_png_logo_is_carried_as_it_is() -> None:
    drawing = shipped_look().logo
    assert drawing is not None
    png = drawing_as_png(drawing.content.decode())
    pdf, word, page = documents(a_report(look=replace(shipped_look(), logo=Logo(png, PNG, "A sun"))))

    assert_compliant(pdf)
    assert base64.b64encode(png) in page
    with zipfile.ZipFile(io.BytesIO(word)) as archive:
        assert png in [archive.read(name) for name in archive.namelist() if name.endswith(".png")]


def test_the_accent_colour_colours_the_evidence_in_each() -> None:
    pdf, word, page = documents(a_report(look=replace(shipped_look(), accent="#8A1253")))
    runs = [run for one in docx.Document(io.BytesIO(word)).paragraphs for run in one.runs]

    assert "8A1253" in {str(run.font.color.rgb) for run in runs if "Lesson video" in run.text}
    assert b"--accent: #8A1253" in page
    assert b"0.5411765 0.07058824 0.3254902" in every_byte(pdf)
