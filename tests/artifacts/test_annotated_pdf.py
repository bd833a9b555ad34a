"""A coach's notes as real annotations in the educator's PDF: at the right words, in every reader, all else kept."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
import typst
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from assessor_desk.artifacts.annotating.appearance import AMBER
from assessor_desk.artifacts.annotating.markings import Annotated, Marking
from assessor_desk.artifacts.annotating.pdf import annotated_pdf
from assessor_desk.domain.anchor import Box, ImageRegion, PageRegion, Selector, TextQuote, TimeSpan, Whole
from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.places import resources

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
NARROW = """
#set page(width: 300pt, height: 400pt, margin: 40pt)
#set text(lang: "en", hyphenate: true, size: 12pt)
#set par(justify: true)
Before the conversation everyone writes; afterwards the extraordinarily disproportionate misunderstandings are
sorted by the students themselves. The door is open. Later the door is open again.
"""
ARABIC = "يكتب كل طالب جوابه قبل أن يتكلم أحد"
ARABIC_PAGE = f"""
#set page(width: 300pt, height: 200pt, margin: 40pt)
#set text(font: "Noto Naskh Arabic", lang: "ar", dir: rtl, size: 14pt)
{ARABIC} ثم يرفعون الألواح معاً.
"""


def made(markup: str) -> bytes:
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(resources() / "fonts")])
    pdf = typst.Compiler(markup.encode(), font_paths=fonts).compile(format="pdf")
    assert isinstance(pdf, bytes)
    return pdf


@pytest.fixture(scope="module")
def narrow() -> bytes:
    """One page of justified, hyphenated text."""
    return made(NARROW)


def changed(pdf: bytes, change: Callable[[pikepdf.Pdf], None], **saving: Any) -> bytes:
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        change(document)
        document.save(target, **saving)
    return target.getvalue()


def note(selector: Selector, words: str = "What would you see?", name: str = "n1") -> Marking:
    return Marking(name, selector, words)


def annotate(pdf: bytes, *markings: Marking) -> Annotated:
    return annotated_pdf(pdf, "plan.pdf", markings, AT)


def annotations(pdf: bytes, subtype: str) -> list[tuple[int, dict[str, Any]]]:
    """Page from 0, and the entries of each annotation of a kind, as another library reads them."""
    found = []
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for number, page in enumerate(document.pages):
            for one in page.obj.get(Name.Annots, []):
                if one.Subtype == f"/{subtype}":
                    quads = [float(value) for value in one.get(Name.QuadPoints, [])]
                    area = [float(value) for value in one.Rect]
                    texts = {key: str(one.get(f"/{key}", "")) for key in ("Contents", "T", "NM", "M", "Subj")}
                    found.append(
                        (number, {**texts, "quads": quads, "area": area, "F": int(one.get("/F", 0))})
                    )
    return found


def words_under(pdf: bytes, page: int, quads: Sequence[float]) -> str:
    """The text under each quad, as pdfium reads it there."""
    document = pypdfium2.PdfDocument(pdf)
    opened = document[page].get_textpage()
    found = []
    for at in range(0, len(quads), 8):
        across, up = quads[at : at + 8 : 2], quads[at + 1 : at + 8 : 2]
        found.append(opened.get_text_bounded(min(across) - 0.5, min(up), max(across) + 0.5, max(up)))
    opened.close()
    document.close()
    return "|".join(" ".join(one.split()) for one in found)


def shown(pdf: bytes, folder: Path, tool: Callable[[str], str], page: int = 1) -> Image.Image:
    """A page as poppler shows it, 72 pixels an inch, cropped as readers do."""
    (folder / "shown.pdf").write_bytes(pdf)
    command = [
        tool("pdftoppm"),
        "-r",
        "72",
        "-cropbox",
        "-f",
        str(page),
        "-l",
        str(page),
        "-png",
        "shown.pdf",
        "shown",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    [picture] = folder.glob("shown*.png")
    with Image.open(picture) as opened:
        image = opened.convert("RGB")
    picture.unlink()
    return image


def amber_area(image: Image.Image) -> tuple[int, int, int, int] | None:
    """The box around all that has the colour of our annotations."""
    amber = tuple(round(255 * part) for part in AMBER)
    hits = [max(abs(a - b) for a, b in zip(pixel, amber)) <= 12 for pixel in image.get_flattened_data()]
    return Image.frombytes("L", image.size, bytes(255 if one else 0 for one in hits)).getbbox()


# -- words -------------------------------------------------------------------------------------------------


def test_quoted_words_are_highlighted_with_the_coachs_words(narrow: bytes) -> None:
    [(page, found)] = annotations(annotate(narrow, note(TextQuote("everyone writes"))).content, "Highlight")
    assert page == 0
    assert words_under(narrow, 0, found["quads"]) == "everyone writes"
    assert found["Contents"] == "What would you see?"
    assert (found["T"], found["NM"], found["M"]) == ("Coach", "note-n1", "D:20261122093000Z")
    assert found["Subj"] == "Note on a draft, not an assessment"
    assert found["F"] == 4


def test_a_quotation_over_line_ends_and_hyphens_is_marked_line_by_line(narrow: bytes) -> None:
    quote = "extraordinarily disproportionate misunderstandings are sorted"
    copy = annotate(narrow, note(TextQuote(quote)))
    [(_, found)] = annotations(copy.content, "Highlight")
    under = words_under(narrow, 0, found["quads"])
    assert under.count("|") >= 1
    assert "".join(c for c in under if c.isalpha()) == quote.replace(" ", "")
    assert copy.displaced == ()


def test_of_two_places_the_one_with_the_words_around_it_is_marked(narrow: bytes) -> None:
    first = annotate(narrow, note(TextQuote("door is open", "themselves. The ", ". Later")))
    second = annotate(narrow, note(TextQuote("door is open", "Later the ", " again.")))
    quads = [annotations(one.content, "Highlight")[0][1]["quads"] for one in (first, second)]
    assert quads[0] != quads[1]
    assert all("door is open" in words_under(narrow, 0, one).replace("|", " ") for one in quads)


def test_arabic_words_are_found_and_marked(tmp_path: Path, tool: Callable[[str], str]) -> None:
    pdf = made(ARABIC_PAGE)
    document = pypdfium2.PdfDocument(pdf)
    text = document[0].get_textpage().get_text_range()
    document.close()
    words = text.split()[1:3]
    copy = annotate(pdf, note(TextQuote(" ".join(words)), f"لماذا؟ {ARABIC}"))
    [(_, found)] = annotations(copy.content, "Highlight")
    assert found["Contents"] == f"لماذا؟ {ARABIC}"
    assert amber_area(shown(copy.content, tmp_path, tool)) is not None


def test_words_that_are_not_there_become_a_note_that_says_so(narrow: bytes) -> None:
    copy = annotate(narrow, note(TextQuote("never written", page=1)), note(TextQuote("nor this"), name="n2"))
    assert copy.displaced == ("n1", "n2")
    assert annotations(copy.content, "Highlight") == []
    said = [found["Contents"] for _, found in annotations(copy.content, "Text")]
    assert said == [
        "These words were not found on this page: “never written”.\nWhat would you see?",
        "These words were not found in this file: “nor this”.\nWhat would you see?",
    ]


def test_sixty_pages_are_searched_and_the_right_one_is_marked() -> None:
    pdf = made("\n#pagebreak()\n".join(f"Page {n}: lesson {n} of the unit, as taught." for n in range(1, 61)))
    notes = [note(TextQuote(f"lesson {n} of", page=n if n % 2 else None), name=f"n{n}") for n in range(1, 61)]
    found = annotations(annotate(pdf, *notes).content, "Highlight")
    assert [(page, one["NM"]) for page, one in found] == [(n - 1, f"note-n{n}") for n in range(1, 61)]


# -- places ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_on_turned_and_cropped_pages_notes_lie_where_one_sees_the_words(
    turn: int, narrow: bytes, tmp_path: Path, tool: Callable[[str], str]
) -> None:
    def turned(document: pikepdf.Pdf) -> None:
        document.pages[0].rotate(turn, relative=False)
        document.pages[0].obj.CropBox = Array([30, 100, 290, 390])

    pdf = changed(narrow, turned)
    copy = annotate(pdf, note(TextQuote("everyone writes")))
    [(_, found)] = annotations(copy.content, "Highlight")
    assert words_under(pdf, 0, found["quads"]) == "everyone writes"
    document = pypdfium2.PdfDocument(copy.content)
    width, height = document.get_page_size(0)
    document.close()
    assert (round(width), round(height)) == ((260, 290) if turn % 180 == 0 else (290, 260))
    area = amber_area(shown(copy.content, tmp_path, tool))
    assert area is not None
    left, top, right, bottom = (
        found["area"][0] - 30,
        390 - found["area"][3],
        found["area"][2] - 30,
        390 - found["area"][1],
    )
    expected = {
        0: (left, top, right, bottom),
        90: (290 - bottom, left, 290 - top, right),
        180: (260 - right, 290 - bottom, 260 - left, 290 - top),
        270: (top, 260 - right, bottom, 260 - left),
    }[turn]
    assert area == pytest.approx(expected, abs=3)


def test_text_that_was_set_sideways_on_a_turned_page_is_marked_in_one_piece_too() -> None:
    sideways = made(
        "#set page(width: 400pt, height: 400pt)\n#rotate(90deg, reflow: true)[Everyone writes first.]"
    )
    pdf = changed(sideways, lambda document: document.pages[0].rotate(270, relative=False))
    [(_, found)] = annotations(annotate(pdf, note(TextQuote("writes first"))).content, "Highlight")
    assert len(found["quads"]) == 8
    assert words_under(pdf, 0, found["quads"]) == "writes first"


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_box_frames_that_part_of_the_page_as_it_is_shown(
    turn: int, narrow: bytes, tmp_path: Path, tool: Callable[[str], str]
) -> None:
    pdf = changed(narrow, lambda document: document.pages[0].rotate(turn, relative=False))
    copy = annotate(pdf, note(PageRegion(1, Box(20, 50, 30, 20))))
    assert len(annotations(copy.content, "Square")) == 1
    image = shown(copy.content, tmp_path, tool)
    expected = (0.2 * image.width, 0.5 * image.height, 0.5 * image.width, 0.7 * image.height)
    assert amber_area(image) == pytest.approx(expected, abs=3)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_notes_on_a_page_stand_at_its_upper_right_one_below_the_other(
    turn: int, narrow: bytes, tmp_path: Path, tool: Callable[[str], str]
) -> None:
    pdf = changed(narrow, lambda document: document.pages[0].rotate(turn, relative=False))
    copy = annotate(pdf, note(PageRegion(1)), note(Whole(), name="n2"), note(Whole(), name="n3"))
    areas = [found["area"] for _, found in annotations(copy.content, "Text")]
    assert len({tuple(area) for area in areas}) == 3
    image = shown(copy.content, tmp_path, tool)
    left, top, right, bottom = amber_area(image) or (0, 0, 0, 0)
    assert image.width - 40 < left < right <= image.width
    assert 20 < top < 40
    assert 80 < bottom < 110


def test_places_that_a_pdf_does_not_have_are_said_in_words(narrow: bytes) -> None:
    copy = annotate(
        narrow,
        note(PageRegion(9)),
        note(TimeSpan(1000), name="n2"),
        note(ImageRegion(Box(1, 1, 9, 9)), name="n3"),
    )
    assert copy.displaced == ("n1", "n2", "n3")
    said = [found["Contents"].splitlines()[0] for _, found in annotations(copy.content, "Text")]
    assert said == [
        "This file has no page 9: “page 9”.",
        "A place that this file does not have: “00:01”.",
        "A place that this file does not have: “part of the picture”.",
    ]


def test_fifty_notes_on_one_page_do_not_lie_on_each_other(narrow: bytes) -> None:
    copy = annotate(narrow, *(note(Whole(), name=f"n{number}") for number in range(50)))
    corners = [tuple(found["area"][:2]) for _, found in annotations(copy.content, "Text")]
    assert len(set(corners)) == 50


# -- the file ----------------------------------------------------------------------------------------------


def test_earlier_annotations_and_attachments_are_kept(narrow: bytes) -> None:
    def annotated_before(document: pikepdf.Pdf) -> None:
        own = Dictionary(
            Type=Name.Annot, Subtype=Name.Text, Rect=Array([10, 10, 30, 30]), Contents=String("My own")
        )
        document.pages[0].obj.Annots = document.make_indirect(Array([document.make_indirect(own)]))
        document.attachments["data.csv"] = b"a,b"

    copy = annotate(changed(narrow, annotated_before), note(TextQuote("everyone writes")))
    assert [found["Contents"] for _, found in annotations(copy.content, "Text")] == ["My own"]
    with pikepdf.open(io.BytesIO(copy.content)) as document:
        assert document.attachments["data.csv"].get_file().read_bytes() == b"a,b"


def test_nothing_remains_of_what_was_deleted_before(narrow: bytes) -> None:
    update = narrow.replace(b"%%EOF", b"%%EOF\n% an earlier wording, replaced since\n")
    assert b"an earlier wording" in update
    assert b"an earlier wording" not in annotate(update, note(Whole())).content


def test_another_reader_can_change_a_note_and_save_it(narrow: bytes) -> None:
    copy = annotate(narrow, note(TextQuote("everyone writes")))

    def edited(document: pikepdf.Pdf) -> None:
        document.pages[0].obj.Annots[0].Contents = String("Thank you, done")

    assert annotations(changed(copy.content, edited), "Highlight")[0][1]["Contents"] == "Thank you, done"


def test_pdfium_and_qpdf_find_nothing_wrong(
    narrow: bytes, tmp_path: Path, tool: Callable[[str], str]
) -> None:
    copy = annotate(narrow, note(TextQuote("everyone writes")), note(Whole(), name="n2"))
    (tmp_path / "copy.pdf").write_bytes(copy.content)
    checked = subprocess.run(
        [tool("qpdf"), "--check", "copy.pdf"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    document = pypdfium2.PdfDocument(copy.content)
    image = document[0].render(scale=1, may_draw_forms=False).to_pil().convert("RGB")
    document.close()
    assert amber_area(image) is not None


def test_a_pdf_with_a_password_is_refused(locked_pdf: bytes) -> None:
    with pytest.raises(Refused, match=r"plan\.pdf” is locked with a password"):
        annotate(locked_pdf, note(Whole()))


def test_a_pdf_that_forbids_notes_is_refused_and_one_that_allows_them_stays_protected(narrow: bytes) -> None:
    def protected(allow: bool) -> bytes:
        permitted = pikepdf.Permissions(modify_annotation=allow, extract=False)
        return changed(
            narrow, lambda _: None, encryption=pikepdf.Encryption(owner="o", user="", allow=permitted)
        )

    with pytest.raises(Refused, match="does not permit notes"):
        annotate(protected(False), note(Whole()))
    copy = annotate(protected(True), note(TextQuote("everyone writes")))
    with pikepdf.open(io.BytesIO(copy.content)) as document:
        assert document.is_encrypted
        assert not document.allow.extract
    assert len(annotations(copy.content, "Highlight")) == 1


@pytest.mark.parametrize("filled", [True, False])
def test_a_signed_pdf_is_refused_and_one_to_be_signed_is_not(narrow: bytes, filled: bool) -> None:
    def with_a_field(document: pikepdf.Pdf) -> None:
        field = Dictionary(
            FT=Name.Sig, T=String("Principal"), **({"V": Dictionary(Type=Name.Sig)} if filled else {})
        )
        parent = Dictionary(T=String("Form"), Kids=Array([document.make_indirect(field)]))
        document.Root.AcroForm = Dictionary(Fields=Array([document.make_indirect(parent)]))

    pdf = changed(narrow, with_a_field)
    if filled:
        with pytest.raises(Refused, match="would break its signature"):
            annotate(pdf, note(Whole()))
    else:
        assert annotate(pdf, note(Whole())).displaced == ()


def test_a_pdf_cut_short_is_damaged_and_an_ill_made_list_of_annotations_is_put_right(narrow: bytes) -> None:
    with pytest.raises(Damaged, match=r"plan\.pdf"):
        annotate(narrow[:300], note(Whole()))

    def odd(document: pikepdf.Pdf) -> None:
        document.pages[0].obj.Annots = String("no list")

    assert len(annotations(annotate(changed(narrow, odd), note(Whole())).content, "Text")) == 1
