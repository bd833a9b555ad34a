"""What is shown of a Word document: a lesson plan's layout, its numbers, changes and remarks."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from tests.artifacts import written_documents as making
from tests.artifacts.written_documents import level, numbered, word, zipped

from assessor_desk.artifacts.documents import WordHandle
from assessor_desk.domain.errors import Damaged, Refused

Opened = Callable[[str, bytes], Any]


@pytest.fixture(scope="module")
def lesson() -> bytes:
    return word(making.lesson)


def shown(opened: Opened, data: bytes, name: str = "plan.docx") -> str:
    handle: WordHandle = opened(name, data)
    return handle.html


def labels(html: str) -> list[str]:
    return re.findall(r'title="List number">([^<\t]*)\t', html)


def test_colours_alignment_and_highlights_are_kept_as_classes(opened: Opened, lesson: bytes) -> None:
    html = shown(opened, lesson)
    assert '<span class="ink-c00000">Prepared for the unit</span>' in html
    assert '<p align="center">Every student answers</p>' in html
    assert '<span class="ground-ffff00">Success criterion</span>' in html
    assert "style=" not in re.sub(r'style="margin-left:\d+px;text-indent:-?\d+px"', "", html)


def test_a_numbered_list_goes_on_after_a_paragraph_between(opened: Opened, lesson: bytes) -> None:
    assert labels(shown(opened, lesson)) == ["1.", "2.", "3.", "•", "•"]


def test_merged_cells_cover_what_they_cover_and_keep_their_shade(opened: Opened, lesson: bytes) -> None:
    html = shown(opened, lesson)
    assert re.search(r'<td colspan="2"[^>]*><p>Pairs compare</p>', html)
    assert re.search(r'<td rowspan="2"[^>]*class="ground-1f4e79"[^>]*><p>10–25</p>', html)
    assert html.count("<td") == 3 * 3 - 2


def test_tracked_changes_are_marked_and_said(opened: Opened, lesson: bytes) -> None:
    handle: WordHandle = opened("plan.docx", lesson)
    assert '<span class="gone" title="Deleted, tracked">was skipped</span>' in handle.html
    assert '<span class="added" title="Added, tracked">is read</span>' in handle.html
    assert any("struck through" in note for note in handle.notes)
    assert "The ticket is read at the door." in handle.text


def test_the_educators_remarks_stand_beside_the_text_without_a_name(opened: Opened, lesson: bytes) -> None:
    handle: WordHandle = opened("plan.docx", lesson)
    (remark,) = handle.remarks
    assert (remark.number, remark.writer, remark.words) == (1, "the educator", "Changed after the visit.")
    assert 'href="#remark-1"' in handle.html
    assert "Jane" not in handle.html
    assert "remark" not in handle.text


def test_page_breaks_headers_and_right_to_left_words_are_shown(opened: Opened, lesson: bytes) -> None:
    html = shown(opened, lesson)
    assert "— page break —" in html
    assert '<p dir="rtl">הערכה מעצבת</p>' in html
    assert html.index("Lakeside programme") < html.index("Fractions of a whole")


def test_numbers_of_levels_are_written_as_word_writes_them(opened: Opened) -> None:
    levels = level(0, "decimal", "%1.") + level(1, "lowerLetter", "%2)") + level(2, "upperRoman", "%1.%3")
    steps = ((0, "a"), (1, "b"), (1, "c"), (2, "d"), (0, "e"), (1, "f"))
    assert labels(shown(opened, numbered(levels, *steps))) == ["1.", "a)", "b)", "1.I", "2.", "a)"]


def test_a_list_that_says_where_it_starts_begins_there_and_one_that_does_not_goes_on(opened: Opened) -> None:
    other = (
        '<w:num w:numId="8"><w:abstractNumId w:val="77"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/>'
        "</w:lvlOverride></w:num>"
    )
    data = numbered(level(0, "decimal", "Step %1:"), (0, "a"), (0, "b"), (0, "8|c"), (0, "8|d"), lists=other)
    assert labels(shown(opened, data)) == ["Step 1:", "Step 2:", "Step 5:", "Step 6:"]


def test_a_level_that_never_restarts_goes_on(opened: Opened) -> None:
    levels = level(0, "upperLetter", "%1") + level(1, "decimal", "%2", '<w:lvlRestart w:val="0"/>')
    data = numbered(levels, (0, "a"), (1, "b"), (0, "c"), (1, "d"))
    assert labels(shown(opened, data)) == ["A", "1", "B", "2"]


def test_notes_stand_after_the_text_numbered_as_they_come(
    opened: Opened, repack: Callable[[dict[str, bytes]], bytes]
) -> None:
    w = making.NAMES
    body = making.body('<w:p><w:r><w:t>Read</w:t><w:footnoteReference w:id="4"/></w:r></w:p>')
    note = f'<w:footnotes {w}><w:footnote w:id="4"><w:p><w:r><w:t>by all</w:t></w:r></w:p></w:footnote></w:footnotes>'
    html = shown(opened, repack({"word/document.xml": body.encode(), "word/footnotes.xml": note.encode()}))
    assert html.index('href="#note-1"') < html.index('id="note-1"') < html.index("by all")


def test_pictures_and_parts_from_elsewhere_are_named_and_never_fetched(
    opened: Opened, repack: Callable[[dict[str, bytes]], bytes]
) -> None:
    body = making.body('<w:p><w:r><w:drawing><a:blip r:link="rId9" r:embed="rId9"/></w:drawing></w:r></w:p>')
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId9" '
        'Type="image" Target="http://tracker.example/pixel.png" TargetMode="External"/></Relationships>'
    )
    handle = opened(
        "plan.docx",
        repack({"word/document.xml": body.encode(), "word/_rels/document.xml.rels": rels.encode()}),
    )
    assert "[a picture kept elsewhere]" in handle.html
    assert "tracker.example" not in handle.html
    assert "Pictures that the document would fetch from elsewhere are not fetched." in handle.notes


def nested(depth: int) -> bytes:
    cell = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>inside</w:t></w:r></w:p>{}</w:tc></w:tr></w:tbl>"
    before, after = cell.split("{}")
    return zipped({"word/document.xml": making.body(before * depth + after * depth)})


def test_tables_within_tables_end_in_a_sentence(opened: Opened) -> None:
    handle: WordHandle = opened("plan.docx", nested(30))
    assert "Tables within tables within tables are not shown in full." in handle.notes
    assert handle.html.count("<table") == 3


def test_a_document_nested_beyond_all_measure_is_damaged(opened: Opened) -> None:
    with pytest.raises(Damaged, match=r"plan\.docx.*cannot be read as a Word document"):
        opened("plan.docx", nested(120))


def test_a_style_based_on_itself_does_not_hold_up_the_reader(
    opened: Opened, repack: Callable[[dict[str, bytes]], bytes]
) -> None:
    w = making.NAMES
    style = (
        '<w:style w:type="paragraph" w:styleId="{0}"><w:basedOn w:val="{1}"/><w:rPr><w:b/></w:rPr></w:style>'
    )
    styles = f"<w:styles {w}>{style.format('A', 'B')}{style.format('B', 'A')}</w:styles>"
    body = making.body('<w:p><w:pPr><w:pStyle w:val="A"/></w:pPr><w:r><w:t>round</w:t></w:r></w:p>')
    assert "<b>round</b>" in shown(
        opened, repack({"word/document.xml": body.encode(), "word/styles.xml": styles.encode()})
    )


def test_a_very_large_table_is_shown_as_far_as_it_can_be(opened: Opened) -> None:
    row = "<w:tr>" + "<w:tc><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc>" * 10 + "</w:tr>"
    handle: WordHandle = opened(
        "plan.docx", zipped({"word/document.xml": making.body(f"<w:tbl>{row * 900}</w:tbl>")})
    )
    assert handle.html.count("<td") == 2_500
    assert "Of a large table only the first 250 of 900 rows are shown." in handle.notes


def test_a_long_document_comes_in_parts(opened: Opened) -> None:
    def write(document: Any) -> None:
        for _ in range(300):
            document.add_paragraph("words of a long document " * 80)

    handle: WordHandle = opened("plan.docx", word(write))
    assert [part.title for part in handle.parts] == ["Part 1", "Part 2"]


def test_markup_in_a_documents_words_stays_words(opened: Opened) -> None:
    html = shown(opened, word(lambda document: document.add_paragraph("<script>x</script> & <b>")))
    assert "&lt;script&gt;x&lt;/script&gt; &amp; &lt;b&gt;" in html


def test_an_entity_in_a_part_is_refused(opened: Opened, repack: Callable[[dict[str, bytes]], bytes]) -> None:
    body = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
    with pytest.raises(Refused, match="declares a document type"):
        opened("plan.docx", repack({"word/styles.xml": body}))
