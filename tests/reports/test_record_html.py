"""The record as HTML: the words of the other two in their order, for every reader, and nothing fetched or run."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import docx
import pytest
from lxml import html
from tests.packets.building import ARABIC, a_review, packet_facts
from tests.reports.decided import shipped_look

from assessor_desk.packets.record import record_content
from assessor_desk.places import resources
from assessor_desk.reports.content import RecordContent
from assessor_desk.reports.docx import record_docx
from assessor_desk.reports.html import COPY_NOTICE, record_html


def content(**changes: Any) -> RecordContent:
    return record_content(packet_facts(**changes))


@pytest.fixture(scope="module")
def page() -> Any:
    """The record of the sample review, parsed."""
    return html.document_fromstring(record_html(content()))


def plain(words: str) -> str:
    return re.sub(r"\s+", " ", words).strip()


def test_it_says_the_same_as_the_word_document_in_the_same_order(page: Any) -> None:
    said, place = plain(page.find("body/main").text_content()), 0
    said = re.sub(r"\s", "", said)
    body = docx.Document(io.BytesIO(record_docx(content()))).element.body
    _named, _running, *paragraphs = body.iter(f"{{{body.nsmap['w']}}}p")
    for paragraph in paragraphs:
        texts = paragraph.iter(f"{{{body.nsmap['w']}}}t")
        words = re.sub(r"\s", "", "".join(text.text or "" for text in texts))
        assert words in said[place:], words
        place = said.index(words, place) + len(words)


def test_headings_have_no_gaps_and_there_is_one_first(page: Any) -> None:
    levels = [int(one.tag[1]) for one in page.iter("h1", "h2", "h3", "h4")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_language_title_and_landmarks_are_said(page: Any) -> None:
    assert (page.get("lang"), page.get("dir")) == ("en", "ltr")
    assert page.findtext("head/title") == "Record of review, submission 7F3A-21, attempt 2"
    assert [one.tag for one in page.find("body")] == ["header", "main", "footer"]


def test_every_table_has_heading_cells_for_columns_and_rows_and_a_name(page: Any) -> None:
    tables = page.findall(".//table")
    assert len(tables) == 3
    for table in tables:
        assert {one.get("scope") for one in table.findall("thead/tr/th")} == {"col"}
        for row in table.findall("tbody/tr"):
            assert [one.get("scope") for one in row.findall("th")] == ["row"]
        assert table.getparent().get("aria-label")
        assert table.getparent().get("tabindex") == "0"


def test_words_of_a_person_take_their_own_direction(page: Any) -> None:
    [arabic] = [one for one in page.iter("p") if ARABIC in one.text_content()]
    assert arabic.get("dir") == "auto"


def test_a_level_is_told_in_words_not_in_colour_alone(page: Any) -> None:
    standing = [
        plain(one.getnext().text_content()) for one in page.iter("h2") if re.match(r"\d\. ", one.text or "")
    ]
    assert standing[0] == "Demonstrated passing"
    assert standing[1] == "Progressing below the passing level, Demonstrated"


def test_nothing_is_fetched_and_nothing_runs(page: Any) -> None:
    assert not list(page.iter("script", "link", "img", "iframe", "object", "form", "a"))
    [policy] = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'")
    style = page.findtext("head/style")
    assert style.startswith((resources() / "reports" / "paper.css").read_text(encoding="utf-8"))
    assert "url(" not in style
    assert "@import" not in style


def test_it_has_the_look_of_its_programme() -> None:
    """Colour on screen and on paper, the paper's size, the logo within the file and its alternative."""
    look = replace(shipped_look(), accent="#7A1F5C", paper="a4")
    shown = html.document_fromstring(record_html(replace(content(), look=look)))

    assert shown.findtext("head/style").count("--accent: #7A1F5C") == 2
    assert "size: A4" in shown.findtext("head/style")
    [logo] = shown.xpath("//header//img")
    assert logo.get("alt") == "Lakeside Regional Programme, a sun over two waves"
    assert logo.get("src").startswith("data:image/")


def test_words_are_shown_and_never_taken_for_markup() -> None:
    wicked = '<script>alert(1)</script> & </style> "quoted" <b onclick=x>\0\x1b \ud800.'
    page = html.document_fromstring(record_html(content(review=replace(a_review("r"), overall=wicked))))
    assert not list(page.iter("script"))
    assert '<script>alert(1)</script> & </style> "quoted" <b onclick=x> .' in plain(page.text_content())


def test_it_says_that_it_is_not_signed(page: Any) -> None:
    assert COPY_NOTICE in page.find("body/footer").text_content()


def test_the_same_content_gives_the_same_bytes() -> None:
    assert record_html(content()) == record_html(content())


def test_an_incomplete_submission_has_reasons_and_no_table_of_criteria() -> None:
    review = replace(a_review("r"), completeness=("missing_part",))
    page = html.document_fromstring(record_html(content(review=review)))
    titles = [plain(one.text_content()) for one in page.iter("h2")]
    assert titles[:2] == ["What is missing", "Overall feedback"]
    assert "Criterion by criterion" not in titles


def test_text_and_ground_differ_enough_in_light_dark_and_print() -> None:
    style = (resources() / "reports" / "paper.css").read_text(encoding="utf-8")
    palettes = [
        dict(re.findall(r"--([a-z]+): #([0-9A-F]{6})", block))
        for block in re.findall(r":root \{(.*?)\}", style, re.S)
    ]
    assert len(palettes) == 3
    for palette in palettes:
        for ground in ("window", "surface"):
            for name in ("text", "quiet", "accent", "passing", "below"):
                assert _contrast(palette[name], palette[ground]) >= 4.5, (name, ground)
            assert _contrast(palette["border"], palette[ground]) >= 3, ground


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2, “contrast ratio”."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
