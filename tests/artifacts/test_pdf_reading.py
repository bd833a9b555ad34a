"""What a PDF is besides its pages: words with their meaning, annotations, fields, links, labels; at odd sizes too."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import typst
from pikepdf import Array, Dictionary, Name
from reportlab.lib.pagesizes import letter
from reportlab.pdfgen.canvas import Canvas

from assessor_desk.artifacts.documents import PdfHandle
from assessor_desk.domain.anchor import TextQuote
from assessor_desk.domain.errors import Damaged

Opened = Callable[[str, bytes], Any]

PLAN = """
= Lesson plan
The exit ticket asks: what is three quarters of twenty-four? It is read aloud before anyone answers, and again later.
== Materials
- Whiteboards
- Exit tickets
#table(columns: 3, table.header([*Time*], [*Activity*], [*Who*]),
  [5 min], [Number talk], [Teacher], [10 min], [Pairs compare], [Students])
"""


def with_structure(markup: str = PLAN) -> bytes:
    return typst.compile(markup.encode())


def without_structure(markup: str = PLAN) -> bytes:
    return typst.compile(markup.encode(), pdf_tags=False)


def changed(data: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        change(pdf)
        pdf.save(target)
    return target.getvalue()


@pytest.fixture(scope="session")
def form() -> bytes:
    """A page with a field filled in, a tick, a highlight with words, a note of somebody else, a hidden one."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=letter)
    canvas.drawString(60, 700, "The teacher waits after each question.")
    canvas.acroForm.textfield(name="Class", tooltip="Class", value="4b", x=180, y=600, width=200, height=20)
    canvas.acroForm.checkbox(name="Explain", tooltip="Students explain", checked=True, x=180, y=560)
    canvas.linkURL("https://example.org/ticket", (60, 400, 160, 420))
    canvas.save()

    def annotate(pdf: pikepdf.Pdf) -> None:
        def note(kind: str, box: list[float], words: str, flags: int = 4, **more: object) -> None:
            annotation = Dictionary(
                Type=Name.Annot, Subtype=Name("/" + kind), Rect=Array(box), T="R. Achterberg", Contents=words,
                F=flags, **more,
            )  # fmt: skip
            pdf.pages[0].Annots.append(pdf.make_indirect(annotation))

        quad = Array([60, 710, 200, 710, 60, 696, 200, 696])
        note("Highlight", [60, 696, 200, 710], "Wait time was new for me.", QuadPoints=quad)
        note("Text", [500, 650, 520, 670], "What did the back table say?")
        note("Text", [500, 610, 520, 630], "Not to be seen", flags=2)
        pdf.Root.PageLabels = Dictionary(Nums=Array([0, Dictionary(S=Name.r, St=3)]))

    return changed(target.getvalue(), annotate)


def test_a_tagged_page_reads_as_its_document_has_it(opened: Opened) -> None:
    read = opened("plan.pdf", with_structure()).read(0)
    assert read.tagged
    for part in ("<h1>Lesson plan", "<h2>Materials", "<li>Whiteboards", "<th>Time", "<td>Pairs compare"):
        assert part in read.markup


def test_a_page_without_structure_reads_by_how_it_looks(opened: Opened) -> None:
    read = opened("plan.pdf", without_structure()).read(0)
    assert not read.tagged
    for part in ("<h2>Lesson plan</h2>", "<li>Whiteboards</li><li>Exit tickets</li>", "<th>Time</th>"):
        assert part in read.markup
    assert "<td>10 min</td><td>Pairs compare</td><td>Students</td>" in read.markup
    assert "again later.</p>" in read.markup


def test_what_is_read_as_text_is_found_again_on_the_page(opened: Opened) -> None:
    for data in (with_structure(), without_structure()):
        pdf: PdfHandle = opened("plan.pdf", data)
        words = "twenty-four? It is read aloud before anyone answers"
        assert words in pdf.read(0).markup
        assert pdf.text(0).find(TextQuote(words)) is not None


def test_columns_are_read_one_after_the_other(opened: Opened) -> None:
    columns = (
        "#set page(columns: 2)\n#lorem(60) The left one ends.\n#colbreak()\nThe right one begins. #lorem(60)"
    )
    read = opened("article.pdf", without_structure(columns)).read(0)
    assert read.markup.index("The left one ends") < read.markup.index("The right one begins")
    assert "<table>" not in read.markup


@pytest.mark.parametrize("make", [with_structure, without_structure])
def test_right_to_left_words_come_in_the_order_of_reading(
    opened: Opened, make: Callable[[str], bytes]
) -> None:
    words = "هذا نص قصير عن الكسور"

    def left_to_right_viewer(pdf: pikepdf.Pdf) -> None:
        if "/ViewerPreferences" in pdf.Root:
            del pdf.Root["/ViewerPreferences"]

    data = changed(make(f'#set text(lang: "ar", dir: rtl)\n{words}'), left_to_right_viewer)
    pdf: PdfHandle = opened("plan.pdf", data)
    assert words in pdf.text(0).text
    assert words in pdf.read(0).markup
    assert len(pdf.search("نص قصير").hits) == 1


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("he", "זהו שיעור 12 במתמטיקה. המורה אומרת math class היום, 15/3/2024"),
        ("he", "המורה אומרת math class."),
        ("he", "שיעור (2024) של math היום"),
        ("ar", "السلام عليكم يا معلمة الصف الثالث 2024."),
        ("ar", "أهلا بكم في الصف"),
        ("en", "She says שלום עולם, and the children answer."),
        ("en", "Nothing here is read from the right."),
    ],
)
@pytest.mark.parametrize("make", [with_structure, without_structure])
def test_lines_of_both_directions_on_one_page_are_copied_as_they_are_read(
    opened: Opened, root: Path, make: Callable[[str], bytes], language: str, words: str
) -> None:
    """An Arabic line comes first: after one, PDFium turns lines in English round too."""
    fonts = '#set text(font: ("Inter", "Noto Sans Hebrew", "Noto Naskh Arabic"))'
    markup = f'{fonts}\n#set text(lang: "ar")\nالصف الثالث\n\n#set text(lang: "{language}")\n{words}\n'
    data = typst.compile(
        markup.encode(), font_paths=[root / "resources" / "fonts"], pdf_tags=make is with_structure
    )
    pdf: PdfHandle = opened("plan.pdf", data)
    text = pdf.text(0)
    assert words in text.text
    assert words in pdf.read(0).markup or make is without_structure
    assert text.find(TextQuote(words)) is not None


def test_english_pages_of_a_document_that_is_read_from_the_right_keep_their_order(
    opened: Opened, root: Path
) -> None:
    """PDFium turns every line of such a document round, where it is drawn in several pieces."""
    words = "The whole class writes. Then they read what they wrote."
    markup = f'#set text(lang: "he", font: "Inter")\nA\n#pagebreak()\n#set text(lang: "en")\n{words}'
    data = changed(
        typst.compile(markup.replace("Then", "*Then*").encode(), font_paths=[root / "resources" / "fonts"]),
        lambda pdf: setattr(pdf.Root, "ViewerPreferences", Dictionary(Direction=Name.R2L)),
    )
    assert words in opened("plan.pdf", data).text(1).text


def test_vowel_signs_stay_with_their_letters(opened: Opened, root: Path) -> None:
    words = "בְּרֵאשִׁית בָּרָא"
    markup = f'#set text(lang: "he", font: "Noto Sans Hebrew")\n{words}'
    pdf: PdfHandle = opened(
        "plan.pdf", typst.compile(markup.encode(), font_paths=[root / "resources" / "fonts"])
    )
    read = "".join(pdf.text(0).text.split())
    assert "".join(one for one in read if one.isalpha()) == "בראשיתברא"
    assert read[0] == "ב"
    assert set(read[1:3]) == {"\u05bc", "\u05b0"}


def test_a_tree_that_runs_in_circles_is_read_no_deeper_than_it_makes_sense(opened: Opened) -> None:
    def circle(pdf: pikepdf.Pdf) -> None:
        top = pdf.Root.StructTreeRoot.K
        element = top[0] if isinstance(top, Array) else top
        element.K = Array([element, element])

    assert "Lesson plan" in opened("plan.pdf", changed(with_structure(), circle)).read(0).markup


def test_what_was_filled_in_is_told_and_drawn(opened: Opened, form: bytes) -> None:
    pdf: PdfHandle = opened("form.pdf", form)
    assert [(field.name, field.value) for field in pdf.read(0).fields] == [
        ("Class", "4b"),
        ("Students explain", "yes"),
    ]
    raster = pdf.render(0, 2.0)
    box = pdf.read(0).fields[0].box
    rows = range(int(box.top * raster.height) + 6, int(box.bottom * raster.height) - 6)
    columns = range(int(box.left * raster.width) + 6, int(box.left * raster.width) + 50)
    assert any(raster.data[y * raster.stride + 4 * x] < 90 for y in rows for x in columns)


def test_the_documents_own_annotations_are_told_with_the_words_they_lie_on(
    opened: Opened, form: bytes
) -> None:
    part = opened("form.pdf", form).notes()
    assert part.next_page is None
    assert [(note.kind, note.author, note.words) for note in part.notes] == [
        ("Highlight", "R. Achterberg", "Wait time was new for me."),
        ("Note", "R. Achterberg", "What did the back table say?"),
    ]
    assert part.notes[0].quoted.startswith("The teacher waits after")
    assert 0.09 < part.notes[0].box.left < part.notes[0].box.right < 0.34


def test_links_are_told_and_pages_have_the_names_that_the_document_gives(opened: Opened, form: bytes) -> None:
    pdf: PdfHandle = opened("form.pdf", form)
    (link,) = pdf.links(0)
    assert (link.address, link.page) == ("https://example.org/ticket", None)
    assert pdf.labels() == ["iii"]
    assert opened("plan.pdf", without_structure()).labels() == []


def test_a_scan_is_known_as_a_picture_and_an_empty_page_is_not(opened: Opened) -> None:
    drawing = "#rect(width: 5cm, height: 3cm, fill: navy)"
    assert opened("scan.pdf", without_structure(drawing)).read(0).is_picture
    assert not opened("empty.pdf", changed(without_structure(), empty)).read(0).is_picture


def empty(pdf: pikepdf.Pdf) -> None:
    del pdf.pages[0].Contents


def test_a_part_of_a_page_is_the_same_pixels_as_in_the_whole(opened: Opened) -> None:
    pdf: PdfHandle = opened("plan.pdf", without_structure())
    for rotation in (0, 90):
        whole = pdf.render(0, 3.0, rotation)
        part = pdf.render(0, 3.0, rotation, (300, 200, 400, 150))
        assert (part.width, part.height) == (400, 150)
        for row in (0, 70, 149):
            start = (200 + row) * whole.stride + 4 * 300
            assert bytes(part.data[row * part.stride :][: 4 * 400]) == bytes(whole.data[start:][: 4 * 400])


@pytest.mark.parametrize("box", [(0, 0, 0, 0), (0, 0, 0, 800), (0, 0, 10**9, 10**9), (0, 0, 10**7, 1)])
def test_pages_of_impossible_sizes_still_have_one(opened: Opened, box: tuple[int, int, int, int]) -> None:
    def resize(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].MediaBox = Array(list(box))

    pdf: PdfHandle = opened("odd.pdf", changed(without_structure(), resize))
    pdf.measure()
    assert all(1 <= side <= 200_000 for side in pdf.page_size(0))


def test_a_page_that_cannot_be_read_leaves_the_others_to_be_shown_and_searched(opened: Opened) -> None:
    three = "#pagebreak()\n".join(["The exit ticket.\n"] * 3)

    def spoil(pdf: pikepdf.Pdf) -> None:
        pdf.Root.Pages.Kids[1] = pdf.make_indirect(Dictionary(Type=Name.Nonsense))

    pdf: PdfHandle = opened("plan.pdf", changed(without_structure(three), spoil))
    pdf.measure()
    assert pdf.page_size(1) == (612.0, 792.0)
    assert [hit.page for hit in pdf.search("exit ticket").hits] == [0, 2]
    with pytest.raises(Damaged, match="Page 2 cannot be shown"):
        pdf.render(1, 1.0)
