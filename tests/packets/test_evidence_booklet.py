"""The evidence booklet of a packet shows what lies where its anchors say, recomputed with other tools."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat
from pypdfium2 import raw
from tests.packets.building import NOW, Laboratory
from tests.packets.citing import ANCHORS, PLAN, VIDEO, WORK, citations, cited_facts
from tests.packets.following import faults
from tests.reports.reading_back import assert_compliant

from assessor_desk.artifacts.citing import Cited
from assessor_desk.domain.anchor import Anchor, Whole
from assessor_desk.domain.anchor_signs import SIGNS
from assessor_desk.packets.booklet import booklet_content
from assessor_desk.packets.facts import BuiltPacket, PacketFacts, sha256
from assessor_desk.reports.booklet import booklet_pdf
from assessor_desk.rubric_files import policy_to_json
from assessor_desk.verdict import Standing, TrustList, verify

Marked = tuple[float, float, float, float]


@pytest.fixture(scope="module")
def cited() -> dict[str, Cited | str]:
    """What the workers make of the anchors."""
    return citations()


@pytest.fixture(scope="module")
def facts(cited: dict[str, Cited | str]) -> PacketFacts:
    """A review with its booklet, under a policy that lets it leave."""
    plain = cited_facts()
    booklet = booklet_pdf(booklet_content(plain, cited))
    return replace(plain, policy_json=policy_to_json(plain.policy), evidence_pdf=booklet)


@pytest.fixture(scope="module")
def packet(lab: Laboratory, facts: PacketFacts) -> BuiltPacket:
    """The sealed packet."""
    # The assignment speaks of the policy's version alone, which is the same.
    return lab.packet(lambda plain: replace(facts, attested=plain.attested))


@pytest.fixture(scope="module")
def files(packet: BuiltPacket) -> dict[str, bytes]:
    """Its files, by Python's own ZIP reader."""
    with zipfile.ZipFile(packet.path) as opened:
        return {name.partition("/")[2]: opened.read(name) for name in opened.namelist()}


@pytest.fixture(scope="module")
def shown(files: dict[str, bytes]) -> Iterator[pdfium.PdfDocument]:
    """The booklet out of the packet, opened by pdfium."""
    with closing(pdfium.PdfDocument(files["data/evidence.pdf"])) as document:
        yield document


def annotated(files: dict[str, bytes], note: str) -> Any:
    """The selector that the packet's annotations give for the anchor with this line."""
    for one in json.loads(files["data/annotations.jsonld"])["items"]:
        if any(body["value"] == note for body in one["body"]):
            return one["target"]["selector"]
    raise AssertionError(note)


def picture_of(shown: pdfium.PdfDocument, place: str) -> tuple[Image.Image, Image.Image, float]:
    """The picture under the heading that begins with `place`: as embedded, as the page shows it, pixels a point."""
    scale = 3.0
    for number in range(len(shown)):
        sheet = shown[number]
        text = sheet.get_textpage()
        searcher = text.search(place)
        found = searcher.get_next()
        if found is None:
            continue
        _, below, _, _ = text.get_charbox(found[0])
        pictures = [
            (one, one.get_bounds())
            for one in sheet.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE])
            if one.get_bounds()[3] < below + 2
        ]
        if not pictures:
            continue
        one, (left, bottom, right, top) = max(pictures, key=lambda pair: pair[1][3])
        drawn = sheet.render(scale=scale).to_pil().convert("RGB")
        high = sheet.get_height()
        crop = drawn.crop(
            (
                round(left * scale),
                round((high - top) * scale),
                round(right * scale),
                round((high - bottom) * scale),
            )
        )
        return one.get_bitmap().to_pil().convert("RGB"), crop, scale
    raise AssertionError(f"there is no “{place}” with a picture in the booklet")


def _of_colour(picture: Image.Image, colour: str) -> Any:
    wanted = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)])
    return (np.abs(np.asarray(picture).astype(int) - wanted) <= 24).all(axis=2)


def framed(picture: Image.Image, colour: str) -> Marked:
    """What a frame of a colour goes around, in per cent: left, top, right, bottom. The sign is small beside it."""
    mask = _of_colour(picture, colour)
    height, width = mask.shape
    columns, rows = (
        np.flatnonzero(count > 0.5 * count.max()) for count in (mask.sum(axis=0), mask.sum(axis=1))
    )
    left, right = 100 * columns[0] / width, 100 * (columns[-1] + 1) / width
    return left, 100 * rows[0] / height, right, 100 * (rows[-1] + 1) / height


def underlined(picture: Image.Image, colour: str) -> tuple[float, float, float]:
    """Where the longest line of a colour is, in per cent: left, right, and how far down."""
    mask = _of_colour(picture, colour)
    height, width = mask.shape
    best = (0, 0, 0)
    for row in range(height):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], mask[row].astype(int), [0]))))
        for first, last in zip(edges[::2], edges[1::2], strict=True):
            best = max(best, (int(last - first), int(first), row))
    length, first, row = best
    return 100 * first / width, 100 * (first + length) / width, 100 * row / height


# -- the words, the pixels and the frame ---------------------------------------------------------------------


def test_the_line_drawn_in_the_booklet_lies_under_the_very_words_that_the_annotation_quotes(
    files: dict[str, bytes], shown: pdfium.PdfDocument
) -> None:
    target = annotated(files, "Two checks, each with the answers that are expected")
    page_number = int(target["value"].removeprefix("page="))
    quote, *_ = target["refinedBy"] if isinstance(target["refinedBy"], list) else [target["refinedBy"]]
    with closing(pdfium.PdfDocument(PLAN)) as plan:
        sheet = plan[page_number - 1]
        text = sheet.get_textpage()
        start, length = text.search(quote["exact"]).get_next()
        assert text.get_text_range(start, length) == quote["exact"]
        boxes = [text.get_charbox(index) for index in range(start, start + length)]
        width, height = sheet.get_size()
    left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
    lowest = min(box[1] for box in boxes)
    _, seen, _ = picture_of(shown, "3. Lesson plan")
    begins, ends, down = underlined(seen, SIGNS[2].colour)
    assert (begins, ends) == pytest.approx((100 * left / width, 100 * right / width), abs=0.8)
    assert down == pytest.approx(100 * (height - lowest) / height, abs=0.8)


def test_the_frame_in_the_booklet_is_the_one_that_the_annotations_time_names(
    files: dict[str, bytes], shown: pdfium.PdfDocument
) -> None:
    target = annotated(files, "Every board goes up at the same time")
    at = float(target["value"].removeprefix("t=").split(",")[0])
    frames: list[av.VideoFrame] = []
    with av.open(VIDEO) as container:
        first = None
        for frame in container.decode(video=0):
            first = frame.time if first is None else first
            if frame.time - first > at + 1:
                break
            frames.append(frame)
    before = [frame for frame in frames if frame.time - first <= at + 0.0005]
    embedded, _, _ = picture_of(shown, "1. Lesson video")
    expected = before[-1].to_image().resize(embedded.size)
    assert _unlike(embedded, expected) < 3
    # Seconds away it is another picture, so the comparison tells.
    assert _unlike(embedded, frames[0].to_image().resize(embedded.size)) > 4


def test_the_picture_in_the_booklet_is_the_part_that_the_annotation_boxes(
    files: dict[str, bytes], shown: pdfium.PdfDocument
) -> None:
    target = annotated(files, "The old bar is rubbed out: 8 became 18")
    x, y, width, height = map(float, target["value"].removeprefix("xywh=percent:").split(","))
    embedded, seen, _ = picture_of(shown, "5. Student work C")
    left, top, right, bottom = framed(seen, SIGNS[3].colour)
    marked = embedded.crop(
        (
            round(left / 100 * embedded.width),
            round(top / 100 * embedded.height),
            round(right / 100 * embedded.width),
            round(bottom / 100 * embedded.height),
        )
    )
    with Image.open(WORK) as opened:
        work = ImageOps.exif_transpose(opened).convert("RGB")
    boxed = work.crop(
        (
            round(x / 100 * work.width),
            round(y / 100 * work.height),
            round((x + width) / 100 * work.width),
            round((y + height) / 100 * work.height),
        )
    ).resize(marked.size)
    assert _unlike(marked, boxed) < 12
    assert _unlike(marked, work.crop((0, 0, boxed.width, boxed.height)).resize(marked.size)) > 20


def test_a_box_on_a_page_lies_where_the_annotation_says(
    files: dict[str, bytes], shown: pdfium.PdfDocument
) -> None:
    target = annotated(files, "The first check, before the last activity")
    x, y, width, height = map(float, target["refinedBy"]["value"].removeprefix("xywh=percent:").split(","))
    assert (target["value"], target["label"]) == ("page=1", "iv")
    _, seen, _ = picture_of(shown, "4. Lesson plan")
    assert framed(seen, SIGNS[0].colour) == pytest.approx((x, y, x + width, y + height), abs=0.9)


def _unlike(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of brightness, 0–255."""
    return float(ImageStat.Stat(ImageChops.difference(one.convert("L"), other.convert("L"))).mean[0])


# -- read alone ----------------------------------------------------------------------------------------------


def test_the_booklet_is_tagged_archival_and_says_its_language(files: dict[str, bytes]) -> None:
    content = files["data/evidence.pdf"]
    assert_compliant(content)
    with pikepdf.open(io.BytesIO(content)) as document:
        root = document.Root
        assert bool(root.MarkInfo.Marked)
        assert str(root.Lang) == "en"
        assert document.docinfo["/Title"] == "Evidence booklet, submission 7F3A-21"
        assert len(list(_alternatives(root.StructTreeRoot))) >= 8
        assert all(_embedded(font) for sheet in document.pages for font in _fonts(sheet))


def test_it_is_read_alone_in_every_script(shown: pdfium.PdfDocument) -> None:
    text = "".join(shown[number].get_textpage().get_text_range() for number in range(len(shown)))
    said = " ".join(text.split())
    for anchor in ANCHORS:
        if anchor.note.isascii():
            assert anchor.note in said, anchor.note
    assert "学生がまず自分で言う。" in said
    assert "السبورة" in said or "ةروبسلا" in said
    assert "Teacher: Thanks for coming by" in said, "what captions say where it is heard"
    assert "Online board: https://example.org/board" in said, "a link that nobody captured"
    assert "1. Plans checks for understanding" in said
    assert "The frame shown begins at 00:25.000" in said


def _alternatives(element: Any) -> Iterator[str]:
    if isinstance(element, pikepdf.Dictionary):
        if "/Alt" in element:
            yield str(element.Alt)
        yield from _alternatives(element.get("/K"))
    elif isinstance(element, pikepdf.Array):
        for one in element:  # type: ignore[attr-defined]
            yield from _alternatives(one)


def _fonts(sheet: pikepdf.Page) -> list[Any]:
    return list(sheet.Resources.get("/Font", {}).values())


def _embedded(font: Any) -> bool:
    described = font.DescendantFonts[0].FontDescriptor if "/DescendantFonts" in font else font.FontDescriptor
    return "/FontFile2" in described or "/FontFile3" in described


# -- in the packet -------------------------------------------------------------------------------------------


def test_the_packet_names_its_booklet_and_the_verdict_is_good(
    packet: BuiltPacket, files: dict[str, bytes], trust: Path
) -> None:
    review = json.loads(files["data/review.json"])
    assert review["digests"]["evidence"] == sha256(files["data/evidence.pdf"])
    assert (
        f"{sha256(files['data/evidence.pdf'])}  data/evidence.pdf\n".encode() in files["manifest-sha256.txt"]
    )
    assert faults(review, "review") == []
    assert faults(json.loads(files["data/annotations.jsonld"]), "annotations") == []
    assert b"Packet-Format: 1.1\n" in files["bag-info.txt"]
    assert b"sha256sum data/evidence.pdf" in files["VERIFY.txt"]
    verdict = verify(packet.path, TrustList.load(trust), NOW)
    assert [fact.sentence for fact in verdict.facts if fact.standing is Standing.BAD] == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda facts: replace(facts, evidence_pdf=b""), None),
        (
            lambda facts: replace(
                facts, policy_json=policy_to_json(replace(facts.policy, evidence_booklet=False))
            ),
            "data/evidence.pdf is there although data/policy.json keeps the evidence on the desk",
        ),
    ],
)
def test_a_booklet_is_in_a_packet_only_where_the_policy_lets_it_leave(
    change: Callable[[PacketFacts], PacketFacts],
    said: str | None,
    facts: PacketFacts,
    lab: Laboratory,
    trust: Path,
) -> None:
    built = lab.packet(lambda plain: replace(change(facts), attested=plain.attested))
    verdict = verify(built.path, TrustList.load(trust), NOW)
    bad = [fact.sentence for fact in verdict.facts if fact.standing is Standing.BAD]
    assert bad == ([] if said is None else [said])


def test_what_cannot_be_shown_says_why(facts: PacketFacts) -> None:
    review = replace(facts.review, anchors=(Anchor("x", "work", Whole(), "All of it"),), works={})
    content = booklet_content(
        replace(facts, review=replace(review, works=facts.review.works)),
        {"x": "It is not on this computer yet."},
    )
    (place,) = content.places
    assert place.trouble == "This cannot be shown. It is not on this computer yet."
    assert booklet_pdf(content) == booklet_pdf(content), "the same content gives the same bytes"
