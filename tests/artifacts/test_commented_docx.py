"""A coach's notes as real comments in the educator's Word document: at the right words, in LibreOffice too."""

from __future__ import annotations

import io
import subprocess
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from lxml import etree
from tests.reports.coaching import ARABIC, AT, coach_facts, draft_file

from assessor_desk.artifacts.annotating.markings import Annotated, Marking, markings_of
from assessor_desk.artifacts.annotating.word import commented_docx
from assessor_desk.artifacts.documents import DocumentsClient, WordHandle
from assessor_desk.artifacts.vault import Vault
from assessor_desk.domain.anchor import PageRegion, Selector, TextQuote, Whole
from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.domain.handed_notes import handed_notes
from assessor_desk.domain.quotation import Quotable


def made(build: Callable[[Any], None]) -> bytes:
    document = docx.Document()
    build(document)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def note(selector: Selector, words: str = "Why?", name: str = "n1") -> Marking:
    return Marking(name, selector, words)


def annotate(data: bytes, *markings: Marking) -> Annotated:
    return commented_docx(data, "plan.docx", markings, AT)


def commented(data: bytes) -> list[tuple[str, str]]:
    """The words that each comment covers, as the markup says, and the comment's own."""
    document = docx.Document(io.BytesIO(data))
    words: dict[str, str] = {}
    inside: set[str] = set()
    for element in document.element.body.iter():
        if element.tag == qn("w:commentRangeStart"):
            inside.add(element.get(qn("w:id")))
            words[element.get(qn("w:id"))] = ""
        elif element.tag == qn("w:commentRangeEnd"):
            inside.remove(element.get(qn("w:id")))
        elif element.tag in (qn("w:t"), qn("w:tab")):
            for one in inside:
                words[one] += element.text or "\t"
    assert inside == set()
    return [(words[str(one.comment_id)], one.text) for one in document.comments]


def text_of(data: bytes) -> str:
    body = docx.Document(io.BytesIO(data)).element.body
    return "\n".join("".join(t.text or "" for t in p.iter(qn("w:t"))) for p in body.iter(qn("w:p")))


def test_a_comment_covers_the_quoted_words_and_no_more() -> None:
    data = made(lambda document: document.add_paragraph("Ask how the week is going. Then listen."))
    copy = annotate(data, note(TextQuote("how the week"), "Everyone gets this.\nWhat next?"))
    assert commented(copy.content) == [("how the week", "Everyone gets this.\nWhat next?")]
    assert text_of(copy.content) == text_of(data)
    [one] = docx.Document(io.BytesIO(copy.content)).comments
    assert (one.author, one.initials, one.timestamp) == ("Coach", "C", AT)


def test_a_quotation_over_runs_keeps_the_look_of_each() -> None:
    def build(document: Any) -> None:
        paragraph = document.add_paragraph("Every stu")
        paragraph.add_run("dent tries").bold = True
        paragraph.add_run(" their best")
        paragraph.add_run("\tin advisory.").italic = True

    data = made(build)
    copy = annotate(data, note(TextQuote("student tries their best in ad")))
    assert commented(copy.content)[0][0] == "student tries their best\tin ad"
    [paragraph] = docx.Document(io.BytesIO(copy.content)).paragraphs
    looks = [(run.text, run.bold, run.italic) for run in paragraph.runs if run.text]
    assert looks == [
        ("Every ", None, None),
        ("stu", None, None),
        ("dent tries", True, None),
        (" their best", None, None),
        ("\tin ad", None, True),
        ("visory.", None, True),
    ]


def test_quotations_in_tables_lists_links_and_over_paragraphs_are_found() -> None:
    def build(document: Any) -> None:
        document.add_paragraph("First of two", style="List Number")
        document.add_paragraph("and the second", style="List Number")
        table = document.add_table(1, 2)
        table.cell(0, 0).text, table.cell(0, 1).text = "Monday", "Greeting at the door"
        link = parse_xml(
            f"<w:hyperlink {nsdecls('w')} w:anchor='x'><w:r><w:t>see the plan here</w:t></w:r></w:hyperlink>"
        )
        document.add_paragraph("Or ")._p.append(link)

    copy = annotate(
        made(build),
        note(TextQuote("two and the"), name="a"),
        note(TextQuote("at the door"), name="b"),
        note(TextQuote("Or see the"), name="c"),
    )
    assert [words for words, _ in commented(copy.content)] == ["twoand the", "at the door", "Or see the"]
    assert copy.displaced == ()


def test_of_several_places_the_one_with_the_words_around_it_gets_the_comment() -> None:
    data = made(lambda document: document.add_paragraph("Monday: talk. Tuesday: talk. Friday: talk."))
    copy = annotate(data, note(TextQuote("talk", "Tuesday: ", ". Friday")))
    [paragraph] = docx.Document(io.BytesIO(copy.content)).paragraphs
    before = [run.text for run in paragraph.runs if run.text]
    assert before == ["Monday: talk. Tuesday: ", "talk", ". Friday: talk."]
    assert commented(copy.content)[0][0] == "talk"


def test_notes_on_the_same_and_on_overlapping_words_all_stand() -> None:
    data = made(lambda document: document.add_paragraph("one two three four"))
    quotes = ("two three", "three four", "two three", "one two three four", "three")
    copy = annotate(data, *(note(TextQuote(quote), quote, str(n)) for n, quote in enumerate(quotes)))
    assert commented(copy.content) == [(quote, quote) for quote in quotes]
    assert text_of(copy.content) == "one two three four"


@pytest.mark.parametrize("beginning", ["a paragraph", "an empty paragraph", "a table", "nothing"])
def test_words_that_are_not_there_become_a_comment_at_the_beginning_that_says_so(beginning: str) -> None:
    def build(document: Any) -> None:
        if beginning == "a table":
            document.add_table(1, 1).cell(0, 0).text = "Title"
        elif beginning != "nothing":
            document.add_paragraph("Title" if beginning == "a paragraph" else "")

    copy = annotate(
        made(build),
        note(TextQuote("never written")),
        note(PageRegion(2), name="n2"),
        note(Whole(), "All.", "n3"),
    )
    assert copy.displaced == ("n1", "n2")
    found = commented(copy.content)
    assert [words for _, words in found] == [
        "These words were not found in this file: “never written”.\nWhy?",
        "A place that this file does not have: “page 2”.\nWhy?",
        "All.",
    ]
    assert {words for words, _ in found} == ({"Title"} if beginning in ("a paragraph", "a table") else {""})


def test_deleted_words_and_text_boxes_are_passed_over() -> None:
    def build(document: Any) -> None:
        gone = parse_xml(
            f"<w:del {nsdecls('w')} w:id='7' w:author='x'><w:r><w:delText>old </w:delText></w:r></w:del>"
        )
        paragraph = document.add_paragraph("the ")
        paragraph._p.append(gone)
        box = "<w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent>"
        paragraph._p.append(parse_xml(f"<w:r {nsdecls('w')}><w:pict>{box}</w:pict></w:r>"))
        paragraph.add_run("plan")

    copy = annotate(made(build), note(TextQuote("the plan")), note(TextQuote("boxed"), name="n2"))
    assert copy.displaced == ("n2",)
    assert commented(copy.content)[0][0].replace("boxed", "") == "the plan"


def test_earlier_comments_are_kept() -> None:
    data = made(lambda document: document.add_comment(document.add_paragraph("Mine").runs, "to do", "Me"))
    copy = annotate(data, note(TextQuote("Mine")))
    assert commented(copy.content) == [("Mine", "to do"), ("Mine", "Why?")]


def test_arabic_notes_go_from_right_to_left() -> None:
    data = made(lambda document: document.add_paragraph(ARABIC))
    copy = annotate(data, note(TextQuote(" ".join(ARABIC.split()[1:3])), f"{ARABIC}\nOn: a criterion"))
    [one] = docx.Document(io.BytesIO(copy.content)).comments
    assert [paragraph._p.pPr.find(qn("w:bidi")) is not None for paragraph in one.paragraphs] == [True, False]
    assert commented(copy.content)[0][0] == " ".join(ARABIC.split()[1:3])


def test_what_the_program_shows_of_a_document_can_be_quoted_back_into_it(tmp_path: Path) -> None:
    """Each paragraph and cell of the sample draft, as the viewer's text has it."""
    data = draft_file("advisory-plan.docx").read_bytes()
    vault = Vault(tmp_path)
    sealed = vault.write(io.BytesIO(data), len(data))
    with DocumentsClient() as client:
        shown = client.open(vault.path(sealed.digest), sealed.key, "advisory-plan.docx")
        assert isinstance(shown, WordHandle)
        page = etree.HTML(shown.html)
        for sign in page.xpath("//*[@title]"):  # list numbers and the like, which nobody quotes
            sign.text = ""
        lines = [" ".join("".join(one.itertext()).split()) for one in page.iter("p", "li", "h1", "h2", "td")]
    lines = [one for one in lines if one]
    assert len(lines) > 40
    seen, quotes = Quotable("\n".join(lines)), []
    for line in lines:
        start = quotes[-1][1] + 1 if quotes else 0
        quotes.append((seen.quote(start, start + len(line)), start + len(line)))
    copy = annotate(data, *(note(quote, name=str(n)) for n, (quote, _) in enumerate(quotes) if quote))
    assert copy.displaced == ()
    assert [" ".join(words.split()) for words, _ in commented(copy.content)] == lines


def test_the_sample_draft_opens_in_libreoffice_with_its_comments(
    tmp_path: Path, tool: Callable[[str], str]
) -> None:
    notes = markings_of(handed_notes(coach_facts()), "a2")
    copy = commented_docx(draft_file("advisory-plan.docx").read_bytes(), "advisory-plan.docx", notes, AT)
    assert copy.displaced == ()
    (tmp_path / "plan.docx").write_bytes(copy.content)
    command = [tool("soffice"), f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", "fodt", "--outdir", str(tmp_path), str(tmp_path / "plan.docx")]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    root = etree.parse(tmp_path / "plan.fodt").getroot()
    office = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
    found = [
        ["".join(p.itertext()) for p in one if p.tag.endswith("}p")]
        for one in root.iter(f"{office}annotation")
    ]
    assert sorted("\n".join(lines) for lines in found) == sorted(one.words for one in notes)
    assert {
        one.findtext("{http://purl.org/dc/elements/1.1/}creator") for one in root.iter(f"{office}annotation")
    } == {"Coach"}


def test_a_signed_document_is_refused() -> None:
    data = made(lambda document: document.add_paragraph("x"))
    target = io.BytesIO(data)
    with zipfile.ZipFile(target, "a") as package:
        package.writestr("_xmlsignatures/sig1.xml", b"<Signature/>")
    with pytest.raises(Refused, match=r"plan\.docx” is signed"):
        annotate(target.getvalue(), note(Whole()))


def test_hostile_and_broken_documents_are_refused_by_name() -> None:
    with pytest.raises(Refused, match=r"plan\.docx” is cut short"):
        annotate(made(lambda _: None)[:500], note(Whole()))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("word/document.xml", b"<a/>")
    with pytest.raises(Damaged, match="cannot be read as a Word document"):
        annotate(target.getvalue(), note(Whole()))


def test_a_break_within_a_run_is_no_obstacle() -> None:
    def build(document: Any) -> None:
        run = document.add_paragraph("before").runs[0]
        run._r.append(OxmlElement("w:br"))
        run.add_text("after the break")

    copy = annotate(made(build), note(TextQuote("fore after the")), note(TextQuote("break"), name="n2"))
    assert [words for words, _ in commented(copy.content)] == ["foreafter the", "break"]


def test_the_date_is_said_in_universal_time() -> None:
    data = made(lambda document: document.add_paragraph("x"))
    copy = annotate(data, note(Whole()))
    [one] = docx.Document(io.BytesIO(copy.content)).comments
    assert one.timestamp == datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
