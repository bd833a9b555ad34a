"""What is shown of slides, sheets, OpenDocument and RTF."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from tests.artifacts import written_documents as making
from tests.artifacts.written_documents import open_sheet, open_slides, open_text, shape, slides

from assessor_desk.artifacts.documents import WordHandle
from assessor_desk.artifacts.kinds import Kind
from assessor_desk.artifacts.reading.number_formats import shown
from assessor_desk.domain.errors import Damaged, Refused

Opened = Callable[[str, bytes], Any]
AFTERNOON = dt.datetime.fromisoformat("2026-03-05T14:07")


# -- slides ------------------------------------------------------------------------------------------------


def test_slides_come_in_order_with_titles_first_and_the_rest_as_it_lies(opened: Opened) -> None:
    first = shape("below", at=(10, 400)) + shape("right", at=(300, 205)) + shape("left", at=(10, 200))
    data = slides(first + shape("Plan", kind="title", at=(10, 10)), shape("Second", kind="title"))
    handle: WordHandle = opened("talk.pptx", data)
    assert handle.kind is Kind.SLIDES
    assert handle.text.split() == ["Plan", "left", "right", "below", "Second"]
    assert "<h2>Plan</h2>" in handle.html
    assert "Slide 2 of 2" in handle.html


def test_speaker_notes_stand_apart_and_a_hidden_slide_is_said_to_be(opened: Opened) -> None:
    data = slides(shape("Seen", kind="title"), shape("Not seen", kind="title"), notes="Ask first.", hidden=2)
    html = opened("talk.pptx", data).html
    assert re.search(r"<table[^>]*>.*Speaker notes.*Ask first\..*</table>", html, re.DOTALL)
    assert "Slide 2 of 2 · hidden" in html


def test_a_slides_table_keeps_merged_cells(opened: Opened) -> None:
    body = "<a:txBody><a:p><a:r><a:t>both</a:t></a:r></a:p></a:txBody>"
    rows = f'<a:tr><a:tc gridSpan="2">{body}</a:tc><a:tc hMerge="1"/></a:tr>'
    inside = f"<a:graphic><a:graphicData><a:tbl>{rows}</a:tbl></a:graphicData></a:graphic>"
    html = opened("talk.pptx", slides(f"<p:graphicFrame>{inside}</p:graphicFrame>")).html
    assert '<td colspan="2"><p>both</p></td>' in html
    assert html.count("<td") == 1


def test_slides_without_a_readable_part_are_damaged(opened: Opened) -> None:
    with pytest.raises(Damaged, match=r"talk\.pptx.*cannot be read as a presentation"):
        opened("talk.pptx", making.zipped({"ppt/presentation.xml": "<p:presentation"}))


# -- sheets ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scores() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Scores"
    sheet.append(["Student", "When", "Share", "Points"])
    sheet.append(["S1", dt.date(2026, 3, 5), 0.125, 1234.5])
    for place, written in (("B2", "dd mmm yyyy"), ("C2", "0.0%"), ("D2", "#,##0.00")):
        sheet[place].number_format = written
    sheet["A1"].font, sheet["A1"].fill = Font(bold=True), PatternFill("solid", fgColor="FFFFF2CC")
    sheet["A2"].comment = Comment("Jane Roe:\nlooked at twice", "Jane Roe")
    sheet.merge_cells("A4:B5")
    sheet["A4"], sheet["D4"] = "merged", "=SUM(D2:D3)"
    long = book.create_sheet("Long")
    for row in range(700):
        long.append([row, f"word {row}"])
    return making.saved(book)


def test_a_sheet_is_a_table_with_numbers_and_dates_as_they_are_written(opened: Opened, scores: bytes) -> None:
    handle: WordHandle = opened("scores.xlsx", scores)
    html = handle.parts[0].html
    assert handle.parts[0].title == "Scores"
    for words in (">05 Mar 2026<", ">12.5%<", ">1,234.50<", '<td class="ground-fff2cc"><b>Student</b>'):
        assert words in html
    assert '<td colspan="2" rowspan="2">merged</td>' in html
    assert "SUM" not in html


def test_a_formula_that_no_program_calculated_says_so(opened: Opened) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append([2, 3, "=A1+B1"])
    book.create_sheet("Other").append(["=1+1"])
    handle: WordHandle = opened("new.xlsx", making.saved(book))
    for part in handle.parts:
        assert ">not calculated<" in part.html
    assert handle.text.split() == ["2", "3"]  # it is not the educator's words


def test_a_formula_with_its_value_shows_the_value(opened: Opened) -> None:
    cells = '<c r="A1"><v>2</v></c><c r="B1"><f>A1*2</f><v>4</v></c><c r="C1"><f>A1*3</f></c>'
    book = openpyxl.Workbook()
    stored = making.saved(book)
    with zipfile.ZipFile(io.BytesIO(stored)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    parts["xl/worksheets/sheet1.xml"] = re.sub(
        r"<sheetData\s*/>|<sheetData></sheetData>", f'<sheetData><row r="1">{cells}</row></sheetData>', sheet
    ).encode()
    handle: WordHandle = opened("kept.xlsx", making.zipped(parts))
    assert ">4<" in handle.parts[0].html
    assert handle.parts[0].html.count("not calculated") == 1


def test_an_opendocument_formula_without_a_value_says_so(opened: Opened) -> None:
    cell = '<table:table-cell table:formula="of:=1+1"/>'
    body = f'<table:table table:name="S"><table:table-row>{cell}</table:table-row></table:table>'
    assert ">not calculated<" in opened("new.ods", making.open_sheet(body)).parts[0].html


def test_a_cells_remark_is_shown_without_its_writers_name(opened: Opened, scores: bytes) -> None:
    (remark,) = opened("scores.xlsx", scores).remarks
    assert (remark.writer, remark.words) == ("the educator", "looked at twice")


def test_a_long_sheet_comes_in_parts_that_go_on_counting(opened: Opened, scores: bytes) -> None:
    handle: WordHandle = opened("scores.xlsx", scores)
    assert [part.title for part in handle.parts] == [
        "Scores",
        "Long · 1–266",
        "Long · 267–532",
        "Long · 533–700",
    ]
    assert ">533</span>" in handle.parts[3].html
    assert "word 600" in handle.parts[3].html


def test_a_text_of_very_many_lines_is_handed_over_whole(opened: Opened) -> None:
    handle = opened("log.txt", b"a\n" * 30_000)
    assert handle.text.count("\n") == 30_000
    assert handle.notes == ()


def test_a_cell_far_away_does_not_make_a_sheet_endless(opened: Opened) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"], book.active["A1048576"] = "near", "far"
    handle: WordHandle = opened("far.xlsx", making.saved(book))
    assert handle.text.split() == ["near"]
    (note,) = handle.notes
    assert "only the first 5,000 rows are shown" in note


@pytest.mark.parametrize(
    ("value", "written", "words"),
    [
        (0.5, "0%", "50%"),
        (1234567.891, "#,##0.0", "1,234,567.9"),
        (-3, "0;(0)", "(3)"),
        (0, '0;-0;"none"', "none"),
        (7, "000", "007"),
        (12.5, '"€" 0.00', "€ 12.50"),
        (3.10, "0.0#", "3.1"),
        (1234.0, "0.00E+00", "1.23E+03"),
        (2.0, "General", "2"),
        (0.1 + 0.2, "General", "0.3"),
        (True, "General", "TRUE"),
        (AFTERNOON, "d/m/yy h:mm AM/PM", "5/3/26 2:07 PM"),
        (AFTERNOON.replace(second=9), "yyyy-mm-dd hh:mm:ss", "2026-03-05 14:07:09"),
        (dt.time(9, 5), "h:mm", "9:05"),
        (dt.timedelta(hours=26, minutes=3), "[h]:mm:ss", "26:03:00"),
        ("words", "@", "words"),
        (None, "0", ""),
    ],
)
def test_numbers_are_written_as_their_format_says(value: object, written: str, words: str) -> None:
    assert shown(value, written) == words


# -- OpenDocument ------------------------------------------------------------------------------------------

_LIST = (
    '<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="1" '
    'style:num-suffix="."/><text:list-level-style-bullet text:level="2" text:bullet-char="–"/></text:list-style>'
)
_RED = (
    '<style:style style:name="T" style:family="text">'
    '<style:text-properties fo:color="#c00000" fo:font-weight="bold"/></style:style>'
)


def entry(words: str, inner: str = "") -> str:
    return f"<text:list-item><text:p>{words}</text:p>{inner}</text:list-item>"


def test_an_opendocument_text_keeps_headings_looks_and_numbers(opened: Opened) -> None:
    inner = f"<text:list>{entry('why')}</text:list>"
    first = f'<text:list text:style-name="L">{entry("ask")}{entry("answer", inner)}</text:list>'
    second = f'<text:list text:style-name="L" text:continue-numbering="true">{entry("write")}</text:list>'
    red = '<text:p><text:span text:style-name="T">red</text:span></text:p>'
    body = f'<text:h text:outline-level="2">Plan</text:h>{red}{first}<text:p>between</text:p>{second}'
    handle: WordHandle = opened("plan.odt", open_text(body, _LIST + _RED))
    assert handle.kind is Kind.OPEN_TEXT
    assert "<h2>Plan</h2>" in handle.html
    assert '<span class="ink-c00000"><b>red</b></span>' in handle.html
    assert re.findall(r'title="List number">([^<\t]*)\t', handle.html) == ["1.", "2.", "–", "3."]


def test_an_opendocument_text_keeps_tables_notes_changes_and_remarks(opened: Opened) -> None:
    body = (
        '<text:tracked-changes><text:changed-region text:id="c1"><text:deletion><text:p>gone</text:p></text:deletion>'
        "</text:changed-region></text:tracked-changes><text:p>kept "
        '<text:change text:change-id="c1"/><office:annotation><dc:creator>Jane Roe</dc:creator>'
        "<text:p>see here</text:p>"
        "</office:annotation><text:note><text:note-body><text:p>a note</text:p></text:note-body></text:note></text:p>"
        '<table:table><table:table-row><table:table-cell table:number-columns-spanned="2"><text:p>wide</text:p>'
        "</table:table-cell><table:covered-table-cell/></table:table-row></table:table>"
    )
    handle: WordHandle = opened("plan.odt", open_text(body))
    assert '<span class="gone" title="Deleted, tracked">gone</span>' in handle.html
    assert '<td colspan="2"><p>wide</p></td>' in handle.html
    assert handle.html.index("wide") < handle.html.index("a note")
    assert [(one.writer, one.words) for one in handle.remarks] == [("the educator", "see here")]
    assert "Jane" not in handle.html


def framed(words: str, said: str) -> str:
    return f"<draw:frame {said}><draw:text-box><text:p>{words}</text:p></draw:text-box></draw:frame>"


def test_opendocument_slides_come_one_by_one_with_their_notes(opened: Opened) -> None:
    said = framed("ask", 'presentation:class="notes"')
    notes = f"<presentation:notes>{said}</presentation:notes>"
    page = framed("below", 'svg:y="5cm"') + framed("Talk", 'presentation:class="title"') + notes
    html = opened("talk.odp", open_slides(f"<draw:page>{page}</draw:page>" * 2)).html
    assert html.index("<h2>Talk</h2>") < html.index("below") < html.index("Speaker notes") < html.index("ask")
    assert "Slide 2 of 2" in html


def test_an_opendocument_sheet_shows_what_its_cells_show(opened: Opened) -> None:
    row = (
        '<table:table-row><table:table-cell office:value-type="float" office:value="0.5"><text:p>50 %</text:p>'
        "</table:table-cell></table:table-row>"
    )
    empty = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    handle: WordHandle = opened(
        "s.ods", open_sheet(f'<table:table table:name="One">{row}{empty}</table:table>')
    )
    assert handle.parts[0].title == "One"
    assert '<td align="right">50 %</td>' in handle.html
    assert handle.html.count("<td") == 1


def test_rows_repeated_a_million_times_are_cut_and_said_to_be(opened: Opened) -> None:
    cell = "<table:table-cell><text:p>x</text:p></table:table-cell>"
    row = f'<table:table-row table:number-rows-repeated="1048000">{cell}</table:table-row>'
    handle: WordHandle = opened("s.ods", open_sheet(f'<table:table table:name="One">{row}</table:table>'))
    assert handle.html.count("<td") == 5_000
    assert "only the first 5,000 rows and 60 columns are shown" in handle.notes[0]


# -- RTF and older formats ---------------------------------------------------------------------------------

_RTF = (
    rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\colortbl;\red192\green0\blue0;\red31\green78\blue121;}"
    rb"{\info{\author Jane Roe}}\f0\fs24\pard\qc Plan\par"
    rb"\pard{\listtext 3.\tab}\li720\fi-360 Sch\'fcler \b l\u246?sen\b0  {\cf1 es}\par"
    rb"\trowd\clcbpat2\cellx2000\cellx4000\pard\intbl one\cell two & <three>\cell\row"
    rb"\pard after{\*\atnid J}{\*\atnauthor Jane Roe}{\*\annotation see here}{\deleted gone}\par}"
)


def test_an_rtf_document_keeps_looks_numbers_tables_and_remarks(opened: Opened) -> None:
    handle: WordHandle = opened("plan.rtf", _RTF)
    assert handle.kind is Kind.RTF
    for part in (
        '<p align="center">Plan</p>',
        '<span class="label" title="List number">3.\t</span>Schüler <b>lösen</b> <span class="ink-c00000">es</span>',
        '<td width="50%" class="ground-1f4e79"><p>one</p></td>',
        "two &amp; &lt;three&gt;",
        '<span class="gone" title="Deleted, tracked">gone</span>',
    ):
        assert part in handle.html
    assert [(one.writer, one.words) for one in handle.remarks] == [("the educator", "see here")]
    assert "Jane" not in handle.html


_NESTED_RTF = (
    rb"{\rtf1\ansi\fs24\trowd\cellx4000\cellx8000\pard\intbl outer one\par"
    rb"\pard\intbl\itap2 in a\nestcell in b\nestcell{\*\nesttableprops\trowd\cellx2000\cellx4000\nestrow}"
    rb"{\nonesttables\par}\pard\intbl\itap2 in c\nestcell\pard\intbl\itap3 deepest\nestcell"
    rb"{\*\nesttableprops\trowd\cellx1000\nestrow}{\nonesttables\par}\pard\intbl\itap2 in d\nestcell"
    rb"{\*\nesttableprops\trowd\cellx2000\cellx4000\nestrow}{\nonesttables\par}"
    rb"\pard\intbl after it\cell\pard\intbl outer two\cell\row\pard after\par}"
)


def test_tables_within_cells_of_an_rtf_document_stay_tables(opened: Opened) -> None:
    markup = re.sub("</?tbody>", "", opened("plan.rtf", _NESTED_RTF).html)
    outer = markup[markup.index("<table") :]
    assert outer.count("<table") == 3
    first = (
        '<p>outer one</p><table width="100%"><tr><td width="50%"><p>in a</p></td><td width="50%"><p>in b</p>'
    )
    assert first in outer
    assert "<p>deepest</p></td></tr></table><p>in d</p>" in outer
    assert "</table><p>after it</p></td>" in outer
    assert '<td width="50%"><p>outer two</p></td></tr></table><p>after</p>' in outer


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"\x01\x00\x00\x00" + bytes(36) + b" EMF" + bytes(60), "Windows Enhanced Metafile (EMF)"),
        (b"\xd7\xcd\xc6\x9a" + bytes(60), "Windows Metafile (WMF)"),
        (b"\x01\x00\x09\x00" + bytes(60), "Windows Metafile (WMF)"),
        (b"nothing at all", "a picture that cannot be shown"),
    ],
)
def test_a_drawing_made_of_windows_commands_is_named_where_it_stands(
    opened: Opened, data: bytes, told: str
) -> None:
    kind = b"\\emfblip" if b" EMF" in data else b"\\wmetafile8"
    written = b"{\\rtf1 before {\\pict" + kind + b"\\picwgoal1500 " + data.hex().encode() + b"} behind\\par}"
    said = opened("plan.rtf", written).html
    assert told in said
    assert said.index("before") < said.index(told) < said.index("behind")


@pytest.mark.parametrize(
    "data",
    [
        b"{\\rtf1" + b"{" * 5_000,
        b"{\\rtf1\\bin999999999 x",
        b"{\\rtf1\\u99999999999 x}",
        b"{\\rtf1}}}}\\cell\\row",
    ],
    ids=["deep", "binary", "number", "unbalanced"],
)
def test_a_broken_rtf_document_is_shown_or_said_to_be_damaged(opened: Opened, data: bytes) -> None:
    try:
        opened("plan.rtf", data)
    except Damaged as error:
        said = str(error)
        assert "plan.rtf" in said


def test_an_older_office_document_says_what_can_be_done(opened: Opened) -> None:
    header = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))
    header[30:32], header[48:52] = (9).to_bytes(2, "little"), (0).to_bytes(4, "little")
    data = bytes(header) + "WordDocument".encode("utf-16-le") + bytes(200)
    with pytest.raises(Refused, match=r"plan\.doc.*older Office format.*LibreOffice"):
        opened("plan.doc", data)


# -- charts ------------------------------------------------------------------------------------------------

_CHART = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:chart="urn:oasis:names:tc:opendocument:xmlns:chart:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:chart><chart:chart>'
    "<chart:title><text:p>Who answered</text:p></chart:title><chart:plot-area/>"
    '<table:table table:name="local-table"><table:table-header-rows><table:table-row>'
    "<table:table-cell><text:p/></table:table-cell><table:table-cell><text:p>Before</text:p></table:table-cell>"
    "</table:table-row></table:table-header-rows><table:table-rows><table:table-row>"
    "<table:table-cell><text:p>Monday</text:p></table:table-cell>"
    '<table:table-cell office:value-type="float" office:value="4"><text:p>4</text:p></table:table-cell>'
    "</table:table-row><table:table-row><table:table-cell><text:p>Tuesday &amp; on</text:p></table:table-cell>"
    '<table:table-cell office:value-type="float" office:value="NaN"><text:p>NaN</text:p></table:table-cell>'
    "</table:table-row></table:table-rows></table:table></chart:chart></office:chart></office:body>"
    "</office:document-content>"
)
_DRAWN = '<draw:frame svg:width="8cm"><draw:object xlink:href="./Object 1"/></draw:frame>'


def with_chart(document: bytes) -> bytes:
    """The chart as the part that `_DRAWN` refers to."""
    target = io.BytesIO(document)
    with zipfile.ZipFile(target, "a") as package:
        package.writestr("Object 1/content.xml", _CHART)
    return target.getvalue()


def test_a_chart_in_an_opendocument_text_is_a_table_of_its_figures(opened: Opened) -> None:
    data = with_chart(open_text(f"<text:p>Before</text:p><text:p>{_DRAWN}</text:p><text:p>After</text:p>"))
    handle: WordHandle = opened("plan.odt", data)
    for part in (
        "<i>Chart: Who answered</i>",
        "<th></th><th>Before</th>",
        "<td>Monday</td><td>4</td>",
        "<td>Tuesday &amp; on</td><td></td>",
    ):
        assert part in handle.html
    assert "Charts are shown as tables of their figures." in handle.notes


def test_a_chart_on_an_opendocument_sheet_follows_the_sheet(opened: Opened) -> None:
    row = "<table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row>"
    shapes = f"<table:shapes>{_DRAWN}</table:shapes>"
    handle: WordHandle = opened(
        "plan.ods", with_chart(open_sheet(f'<table:table table:name="Sums">{shapes}{row}</table:table>'))
    )
    assert [part.title for part in handle.parts] == ["Sums", "Sums · chart 1"]
    assert "<td>Monday</td><td>4</td>" in handle.parts[1].html
