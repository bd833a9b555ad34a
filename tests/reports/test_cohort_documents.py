"""The cohort report in five formats: the same words and figures in each, and nothing that is hidden in any."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import docx
import lxml.html
import openpyxl
import page
import pikepdf
import pypdfium2
import pytest
from docx.oxml.ns import qn
from tests.reports.cohort_rows import LOOK, MATHS, POLICY, RELATIONSHIPS, rubrics_of, some_rows

from assessor_desk.domain.cohort import CohortRow, Recipient, Selection, chosen, cohort_figures
from assessor_desk.domain.disclosure import disclosed
from assessor_desk.domain.rubric import Rubric
from assessor_desk.reports.cohort_content import CohortReport, Kind
from assessor_desk.reports.cohort_csv import cohort_csv
from assessor_desk.reports.cohort_documents import cohort_docx, cohort_flow, cohort_html, cohort_pdf
from assessor_desk.reports.cohort_plots import plot_svg
from assessor_desk.reports.cohort_wording import CohortFacts, cohort_report
from assessor_desk.reports.cohort_xlsx import cohort_xlsx
from assessor_desk.reports.flow import Drawing
from assessor_desk.rubric_files.calendars import working_days

MADE = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
FEW = "fewer than 10"


def report_of(
    rows: Sequence[CohortRow],
    recipient: Recipient | None = None,
    rubrics: dict[tuple[str, str], Rubric] | None = None,
    selection: Selection | None = None,
) -> CohortReport:
    """The report on rows, for the programme where nobody else is named."""
    recipient, selection = recipient or Recipient(), selection or Selection()
    taken = chosen(rows, selection, recipient, POLICY)
    figures = cohort_figures(taken, rubrics or rubrics_of(), working_days("US"), POLICY.due)
    shown = disclosed(figures, POLICY.smallest_cell, outcomes_crossed=not recipient.earned_alone(POLICY))
    return cohort_report(shown, CohortFacts(POLICY, selection, recipient, MADE, LOOK))


@pytest.fixture(scope="module")
def report() -> CohortReport:
    """Two micro-credentials, some counts small."""
    return report_of(some_rows(260, names=(MATHS, RELATIONSHIPS)))


@pytest.fixture(scope="module")
def pdf(report: CohortReport) -> bytes:
    """As PDF."""
    return cohort_pdf(report)


@pytest.fixture(scope="module")
def word(report: CohortReport) -> bytes:
    """As DOCX."""
    return cohort_docx(report)


@pytest.fixture(scope="module")
def web(report: CohortReport) -> bytes:
    """As HTML."""
    return cohort_html(report)


def words_of_pdf(content: bytes) -> str:
    """All text of a PDF."""
    document = pypdfium2.PdfDocument(content)
    try:
        return "\n".join(one.get_textpage().get_text_range() for one in document)
    finally:
        document.close()


def words_of_docx(content: bytes) -> str:
    """All text of a DOCX, tables in their place."""
    body = docx.Document(io.BytesIO(content)).element.body
    return "\n".join("".join(t.text or "" for t in one.iter(qn("w:t"))) for one in body.iter(qn("w:p")))


def words_of_html(content: bytes) -> str:
    """All text of a page's body."""
    return "\n".join(lxml.html.fromstring(content).body.itertext())


def spoken(report: CohortReport) -> list[str]:
    """Every text of a report in reading order."""
    found = [report.overline, report.headline, *report.lead]
    for section in report.sections:
        found += [section.title, *section.paragraphs, *(plot.title for plot in section.plots)]
        for table in section.tables:
            found += [*(column.title for column in table.columns), *cells_of(table.rows)]
    return [*found, report.about.title, *cells_of(report.about.rows)]


def cells_of(rows: Sequence[Sequence[object]]) -> list[str]:
    """The words of a table's cells."""
    return [cell.words for row in rows for cell in row if cell.words]  # type: ignore[attr-defined]


def without_breaks(words: str) -> str:
    """Words without white space and soft hyphens: lines break where they must."""
    return re.sub(r"[\s\u00ad\ufffe\u0002]", "", words)


# -- the three documents -----------------------------------------------------------------------------------


@pytest.mark.parametrize("extract", [words_of_pdf, words_of_docx, words_of_html])
def test_every_text_is_there_in_reading_order(
    extract: Callable[[bytes], str], report: CohortReport, pdf: bytes, word: bytes, web: bytes
) -> None:
    made = {words_of_pdf: pdf, words_of_docx: word, words_of_html: web}[extract]
    said, place = without_breaks(extract(made)), 0
    if extract is words_of_pdf:  # running lines and repeated heading rows come between
        assert all(without_breaks(one) in said for one in spoken(report))
        return
    for one in spoken(report):
        wanted = without_breaks(one)
        assert wanted in said[place:], one
        place = said.index(wanted, place) + len(wanted)


def test_headings_are_the_same_and_in_order(
    report: CohortReport, pdf: bytes, word: bytes, web: bytes
) -> None:
    in_html = [one.text_content() for one in lxml.html.fromstring(web).iter("h1", "h2", "h3")]
    in_word = [
        one.text
        for one in docx.Document(io.BytesIO(word)).paragraphs
        if one.style and one.style.name.startswith("Heading")
    ]
    printed, place = without_breaks(words_of_pdf(pdf)), 0

    assert in_html == in_word
    assert in_html[0] == report.headline
    for heading in in_html:
        place = printed.index(without_breaks(heading), place)


def test_the_pdf_is_tagged_and_archival(pdf: bytes) -> None:
    for profile in (page.ValidationProfile.PDF_UA_1, page.ValidationProfile.PDF_A_3A):
        found = page.validate_pdf_bytes(pdf, profile=profile)
        assert found.is_compliant, [(failure.rule_id, failure.message) for failure in found.failures]


def test_the_same_report_gives_the_same_bytes(report: CohortReport, pdf: bytes, web: bytes) -> None:
    assert (cohort_pdf(report), cohort_html(report)) == (pdf, web)


def test_every_plot_says_in_words_what_it_shows(
    report: CohortReport, pdf: bytes, word: bytes, web: bytes
) -> None:
    wanted = [block.alternative for block in cohort_flow(report).blocks if isinstance(block, Drawing)]
    in_html = [one.get("alt") for one in lxml.html.fromstring(web).iter("img")]
    in_word = [one.get("descr") for one in docx.Document(io.BytesIO(word)).element.body.iter(qn("wp:docPr"))]
    with pikepdf.open(io.BytesIO(pdf)) as document:
        tagged = {str(one.Alt) for one in document.objects if _is_figure(one)}

    assert len(wanted) == 4
    assert in_html == in_word == wanted
    assert tagged == set(wanted)
    assert any("Demonstrated" in one and "%" in one for one in wanted)
    assert any(FEW in one for one in wanted)


def _is_figure(thing: object) -> bool:
    return isinstance(thing, pikepdf.Dictionary) and thing.get("/S") == "/Figure"


def test_every_plot_has_the_table_behind_it_in_its_section(report: CohortReport) -> None:
    for section in report.sections:
        assert {plot.table for plot in section.plots} <= {table.name for table in section.tables}


def test_levels_are_told_by_their_names_beside_each_bar(report: CohortReport) -> None:
    plots = [plot for section in report.sections for plot in section.plots if plot.name.startswith("levels")]

    assert len(plots) == 2
    for plot in plots:
        for group in plot.groups:
            assert [bar.label for bar in group.bars] == ["Not met", "Progressing", "Demonstrated"]
            assert all(bar.words for bar in group.bars)


def test_the_page_fetches_and_runs_nothing(web: bytes) -> None:
    found = lxml.html.fromstring(web)

    assert not list(found.iter("script", "link", "iframe", "object"))
    assert all(one.get("src").startswith("data:") for one in found.iter("img"))
    assert not any(name.startswith("on") for one in found.iter() for name in one.attrib)
    assert found.get("lang") == "en"


def test_heading_cells_are_real(word: bytes, web: bytes) -> None:
    tables = list(lxml.html.fromstring(web).iter("table"))
    in_word = docx.Document(io.BytesIO(word)).tables

    assert len(tables) == len(in_word)
    assert all(one.get("scope") == "col" for table in tables for one in table.find("thead").iter("th"))
    assert all(row[0].get("scope") == "row" for table in tables for row in table.find("tbody"))
    assert all(table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None for table in in_word)


# -- workbook and CSV --------------------------------------------------------------------------------------


def test_the_workbook_has_a_sheet_a_table_and_about_first(report: CohortReport) -> None:
    book = openpyxl.load_workbook(io.BytesIO(cohort_xlsx(report)))

    assert book.sheetnames[0] == "About"
    assert len(book.sheetnames) == len(report.tables)
    for sheet, table in zip(book.worksheets[1:], report.tables, strict=False):
        assert [cell.value for cell in sheet[3]] == [column.title for column in table.columns]
        assert sheet.freeze_panes == sheet.cell(4, table.keys + 1).coordinate
        read = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
        assert read == [
            [cell.words or None if cell.number is None else pytest.approx(cell.number) for cell in row]
            for row in table.rows
        ]
    assert {sheet.sheet_state for sheet in book.worksheets} == {"visible"}


def test_the_workbooks_numbers_are_numbers_with_formats(report: CohortReport) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(cohort_xlsx(report)))["Trend by month"]

    assert [cell.number_format for cell in sheet[4]][1:] == ["#,##0", "#,##0", "0%", "0.0"]
    assert all(isinstance(cell.value, int | float) for cell in sheet[4][1:])


def test_neither_workbook_nor_csv_holds_a_formula() -> None:
    rubrics = rubrics_of()
    hostile = {
        key: replace(
            rubric,
            title=f"=HYPERLINK(1) {rubric.title}",
            criteria=tuple(replace(c, title="@SUM(A1)") for c in rubric.criteria),
        )
        for key, rubric in rubrics.items()
    }
    rows = some_rows(200, names=(MATHS, RELATIONSHIPS), districts=("=cmd|' /C calc'!A0", "+1", "Lakeside"))
    found = report_of(rows, rubrics=hostile)
    with zipfile.ZipFile(io.BytesIO(cohort_xlsx(found))) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if "worksheets/" in name]
    lines = list(csv.reader(io.StringIO(cohort_csv(found).decode("utf-8-sig"))))

    assert not any(b"<f>" in sheet or b"<f " in sheet for sheet in sheets)
    assert any(cell.startswith("'=cmd") for line in lines for cell in line)
    assert not any(cell.startswith(("=", "+", "-", "@")) for line in lines for cell in line)


def test_the_csv_is_one_tidy_table(report: CohortReport) -> None:
    lines = list(csv.DictReader(io.StringIO(cohort_csv(report).decode("utf-8-sig"))))
    wanted = sum(
        bool(cell.words) for table in report.tables for row in table.rows for cell in row[table.keys :]
    )

    assert len(lines) == wanted
    assert {"table": "outcomes", "row": "Earned", "column": "Reviews", "unit": "reviews"}.items() <= (
        lines[0].items()
    )
    assert all(not line["value"] for line in lines if line["words"] in (FEW, "not shown", "too few"))
    assert any(line["words"] == FEW for line in lines)


# -- nothing hidden gets out -------------------------------------------------------------------------------


def test_cohorts_that_differ_only_in_what_is_hidden_give_the_same_files() -> None:
    criterion = "plans-checks"
    rows = [row for row in some_rows(420, incomplete=0) if row.levels[criterion] != "not-met"]
    place = next(place for place, row in enumerate(rows) if row.levels[criterion] == "progressing")
    lower = replace(rows[place], levels={**rows[place].levels, criterion: "not-met"})
    first, second = report_of(rows), report_of([*rows[:place], lower, *rows[place + 1 :]])

    assert FEW in repr(first)
    assert first == second
    assert cohort_xlsx(first)
    assert all(write(first) == write(second) for write in (cohort_pdf, cohort_html, cohort_csv))


def test_drawings_hold_no_words_and_hidden_bars_have_no_length(report: CohortReport) -> None:
    plots = [plot for section in report.sections for plot in section.plots]

    assert all("<text" not in plot_svg(plot) for plot in plots)
    hidden = [
        bar for plot in plots for group in plot.groups for bar in group.bars if not bar.words[0].isdigit()
    ]
    assert hidden
    assert all(bar.value is None for bar in hidden)


def test_no_share_stands_beside_a_count_that_is_hidden(report: CohortReport) -> None:
    pairs = [
        (row[place], row[place + 1])
        for table in report.tables
        for place, column in enumerate(table.columns[:-1])
        if (column.kind, table.columns[place + 1].kind) == (Kind.COUNT, Kind.SHARE)
        for row in table.rows
    ]
    assert any(count.number is None for count, _ in pairs)
    assert all(share.number is None for count, share in pairs if count.number is None)


def test_nobody_is_named_in_any_format() -> None:
    rows = some_rows(120)
    marked = [replace(row, decision=f"NEVER-LEAVES-{number}") for number, row in enumerate(rows)]
    found = report_of(marked)
    for write in (cohort_pdf, cohort_docx, cohort_html, cohort_xlsx, cohort_csv):
        content = write(found)
        if content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                content = b"".join(archive.read(name) for name in archive.namelist())
        assert b"NEVER-LEAVES" not in content


# -- little, or nothing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 9])
def test_too_few_reviews_are_said_in_a_sentence_in_every_format(count: int) -> None:
    found = report_of(some_rows(count, incomplete=0))
    words = "Fewer than 10 reviews, or none, match this selection. No figures are shown."

    assert found.headline == words
    assert found.sections == ()
    assert without_breaks(words) in without_breaks(words_of_pdf(cohort_pdf(found)))
    assert words in words_of_docx(cohort_docx(found))
    assert words in words_of_html(cohort_html(found))
    assert openpyxl.load_workbook(io.BytesIO(cohort_xlsx(found)))["About"]["A1"].value == words
    assert b"reviews" not in cohort_csv(found)


def test_a_report_in_which_all_levels_are_hidden_says_so() -> None:
    found = report_of(some_rows(14, incomplete=0))

    assert found.headline == "14 reviews. How many earned is not shown, as one of the counts is small."
    assert "All counts are hidden." in found.sections[-1].paragraphs[0]
    assert {bar.value for group in found.sections[-2].plots[0].groups for bar in group.bars} == {None}
    cohort_pdf(found)


def test_a_district_reads_what_its_figures_do_not_say() -> None:
    found = report_of(some_rows(400), Recipient("district", "Cedar Valley"))
    said = "\n".join(spoken(found))

    assert "It covers what was earned, and of what was not only what its educator agreed to show." in said
    assert "Share earned" not in said
    assert "Incomplete" not in said
    assert "Lakeside\n" not in said


def test_a_selection_is_named_with_its_days() -> None:
    selection = Selection((MATHS,), (), date(2026, 1, 1), date(2026, 6, 30))
    found = report_of(some_rows(200), selection=selection)

    assert found.overline == "All micro-credentials · 1 January 2026 to 30 June 2026"
