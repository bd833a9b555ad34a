"""Documents opened from the vault, in a worker process, as the viewers see them."""

from __future__ import annotations

import io
import os
import signal
import struct
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from PIL import Image

from assessor_desk.artifacts.documents import (
    DocumentsClient,
    ImageHandle,
    OtherHandle,
    PdfHandle,
    TextHandle,
    WordHandle,
)
from assessor_desk.artifacts.kinds import Kind
from assessor_desk.artifacts.reading.pdf_text import character
from assessor_desk.artifacts.sealed_stream import HEADER_LENGTH
from assessor_desk.artifacts.vault import Vault
from assessor_desk.domain.anchor import TextQuote
from assessor_desk.domain.errors import Damaged, Refused, Unavailable

Opened = Callable[[str, bytes], Any]


def worker_of(client: DocumentsClient) -> psutil.Process:
    assert client._child is not None
    return psutil.Process(client._child.pid)


def pixel(raster: Any, x: int, y: int) -> tuple[int, int, int]:
    blue, green, red = raster.data[y * raster.stride + 4 * x :][:3]
    return red, green, blue


# -- PDF ---------------------------------------------------------------------------------------------------


def test_a_pdf_tells_pages_sizes_and_outline(opened: Opened, lesson_pdf: bytes) -> None:
    pdf: PdfHandle = opened("plan.pdf", lesson_pdf)
    assert pdf.page_count == 3
    assert pdf.measure() is False
    assert [round(side) for side in pdf.page_size(2)] == [595, 842]
    assert [(entry.title, entry.page) for entry in pdf.outline()][1] == ("2. Second part", 1)


def test_a_page_is_rendered_in_the_pixels_asked_for_and_turned(opened: Opened, lesson_pdf: bytes) -> None:
    pdf: PdfHandle = opened("plan.pdf", lesson_pdf)
    upright, turned = pdf.render(0, 2.0), pdf.render(0, 2.0, 90)
    assert (upright.width, upright.height) == (turned.height, turned.width) == (1191, 1684)
    assert len(upright.data) == upright.stride * upright.height
    assert pixel(upright, 2, 2) == (255, 255, 255)
    assert min(upright.data) < 80


def test_a_small_raster_comes_through_the_pipe_as_well(opened: Opened, lesson_pdf: bytes) -> None:
    small = opened("plan.pdf", lesson_pdf).render(0, 0.1)
    assert len(small.data) == small.stride * small.height < 64 * 1024


def test_the_text_of_a_page_lies_where_it_is_drawn(opened: Opened, lesson_pdf: bytes) -> None:
    pdf: PdfHandle = opened("plan.pdf", lesson_pdf)
    text = pdf.text(0)
    start, end = text.find(TextQuote("three quarters")) or (0, 0)
    (line,) = text.lines(start, end)
    raster = pdf.render(0, 2.0)
    rows = range(int(line.top * raster.height), int(line.bottom * raster.height))
    across = range(int(line.left * raster.width), int(line.right * raster.width))
    assert any(pixel(raster, x, y) < (100, 100, 100) for y in rows for x in across)
    middle = (line.left + line.right) / 2, (line.top + line.bottom) / 2
    assert start <= (text.index_at(*middle) or 0) < end
    assert text.over_text(*middle)
    assert not text.over_text(0.5, 0.95)


def test_a_search_finds_every_place_across_line_breaks_part_by_part(
    opened: Opened, lesson_pdf: bytes
) -> None:
    pdf: PdfHandle = opened("plan.pdf", lesson_pdf)
    first = pdf.search("EXIT  ticket", 0, pages=2)
    assert ([hit.page for hit in first.hits], first.next_page) == ([0], 2)
    second = pdf.search("EXIT  ticket", 2, pages=2)
    assert ([hit.page for hit in second.hits], second.next_page) == ([2], None)
    assert "the exit ticket is read" in second.hits[0].context
    assert pdf.search("viết câu trả lời").hits[0].page == 1
    assert pdf.search("a word that is nowhere").hits == ()


def test_a_question_that_comes_after_closing_is_refused_and_reaches_no_other_document(
    client: DocumentsClient, opened: Opened, lesson_pdf: bytes
) -> None:
    first: PdfHandle = opened("first.pdf", lesson_pdf)
    late = first._number
    first.close()
    with pytest.raises(Refused, match="closed"):
        first.render(0, 1.0)
    second: PdfHandle = opened("second.pdf", lesson_pdf)
    assert late is not None
    with pytest.raises(Refused, match="closed meanwhile"):
        client.ask({"op": "render", "id": late[0], "page": 0, "scale": 1.0, "rotation": 0}, "first.pdf")
    assert second.render(0, 1.0).width == 596


def test_a_font_that_maps_to_no_character_gives_the_sign_for_that() -> None:
    assert [character(code) for code in (0x41, 0x0A, 0x02, 0x07, 0x110000)] == [
        "A",
        "\n",
        "\u00ad",
        " ",
        "\ufffd",
    ]


def test_a_page_that_is_not_there_is_refused(opened: Opened, lesson_pdf: bytes) -> None:
    with pytest.raises(Refused, match=r"plan\.pdf.* no page 9"):
        opened("plan.pdf", lesson_pdf).render(8, 1.0)


def test_a_page_asked_for_at_a_monstrous_zoom_is_refused(opened: Opened, lesson_pdf: bytes) -> None:
    with pytest.raises(Refused, match="too large to show"):
        opened("plan.pdf", lesson_pdf).render(0, 400.0)


def test_a_pdf_with_a_password_is_refused_and_says_what_to_do(opened: Opened, locked_pdf: bytes) -> None:
    with pytest.raises(Refused, match=r"“plan\.pdf” is locked with a password\. Ask for a copy without one"):
        opened("plan.pdf", locked_pdf)


def test_a_pdf_of_garbage_is_damaged(opened: Opened) -> None:
    with pytest.raises(Damaged, match=r"plan\.pdf"):
        opened("plan.pdf", b"%PDF-1.7\n" + os.urandom(2000))


def test_a_bit_flipped_in_the_vault_is_told_by_the_name_of_the_document(
    client: DocumentsClient, vault: Vault, lesson_pdf: bytes
) -> None:
    for size in (len(lesson_pdf), 20_000_000):  # read at once, and read bit by bit
        data = lesson_pdf + b"\n" * (size - len(lesson_pdf))
        sealed = vault.write(io.BytesIO(data), len(data))
        path = vault.path(sealed.digest)
        whole = bytearray(path.read_bytes())
        whole[HEADER_LENGTH + 1000] ^= 4
        path.write_bytes(whole)
        with pytest.raises(Damaged, match=r"“plan\.pdf” is damaged: part 1 of \d+ is not what was sealed"):
            client.open(path, sealed.key, "plan.pdf", Kind.PDF)


# -- pictures ----------------------------------------------------------------------------------------------


def test_a_photo_is_upright_as_the_camera_meant_it(opened: Opened, photo: bytes) -> None:
    picture: ImageHandle = opened("board.jpg", photo)
    assert picture.size == (40, 80)
    raster = picture.render(80)
    assert pixel(raster, 20, 5)[0] > 240 > 100 > pixel(raster, 20, 5)[1]
    assert min(pixel(raster, 20, 70)) > 240


def test_a_picture_is_made_smaller_never_larger_and_turned(opened: Opened, photo: bytes) -> None:
    picture: ImageHandle = opened("board.jpg", photo)
    assert (picture.render(20).width, picture.render(20).height) == (10, 20)
    assert picture.render(4000, 90).width == 80


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF"])
def test_ordinary_formats_open(opened: Opened, kind: str) -> None:
    target = io.BytesIO()
    Image.new("RGB", (8, 6), "navy").save(target, kind)
    assert opened("picture", target.getvalue()).size == (8, 6)


def test_what_is_transparent_is_shown_on_white(opened: Opened) -> None:
    target = io.BytesIO()
    Image.new("RGBA", (8, 6), (0, 0, 0, 0)).save(target, "PNG")
    assert pixel(opened("drawing.png", target.getvalue()).render(10), 3, 3) == (255, 255, 255)


def test_each_scan_of_a_tiff_can_be_shown(opened: Opened) -> None:
    target = io.BytesIO()
    scans = [Image.new("RGB", (8, 6), colour) for colour in ("red", "lime")]
    scans[0].save(target, "TIFF", save_all=True, append_images=scans[1:])
    picture: ImageHandle = opened("scans.tif", target.getvalue())
    assert picture.frame_count == 2
    assert [pixel(picture.render(10, frame=frame), 1, 1) for frame in (0, 1)] == [(255, 0, 0), (0, 255, 0)]


def deep_tiff(colour: tuple[int, ...], bits: int = 16, tiled: bool = False) -> bytes:
    """A picture of 16 × 16 pixels, one plane a colour, as scanners write them."""
    planes = b"".join(struct.pack("<H", value) * 256 for value in colour)
    many, first, length = len(colour), 8 + 2 + 12 * 12 + 4 + 64, 16 * 16 * 2
    table, where = io.BytesIO(), 8 + 2 + 12 * 12 + 4
    places, lengths = where + 16, where + 40
    strips = [(322, 16), (323, 16)] if tiled else [(278, 16), (296, 2)]
    short = {256: 16, 257: 16, 259: 1, 262: 2, 277: many, 284: 2, 274: 1, **dict(strips)}
    far = {258: (3, where), (324 if tiled else 273): (4, places), (325 if tiled else 279): (4, lengths)}
    table.write(struct.pack("<2sHIH", b"II", 42, 8, len(short) + len(far)))
    for tag in sorted({**short, **far}):
        kind, value = far.get(tag, (3, short.get(tag, 0)))
        table.write(struct.pack("<HHII", tag, kind, many if tag in far else 1, value))
    table.write(b"\0" * 4)
    table.write(struct.pack(f"<{many}H", *[bits] * many).ljust(16, b"\0"))
    table.write(struct.pack(f"<{many}I", *(first + length * n for n in range(many))).ljust(24, b"\0"))
    table.write(struct.pack(f"<{many}I", *[length] * many).ljust(24, b"\0"))
    return table.getvalue() + planes


def test_a_scan_with_a_plane_of_sixteen_bits_a_colour_has_its_colours(opened: Opened) -> None:
    picture: ImageHandle = opened("scan.tif", deep_tiff((0xFF00, 0x8000, 0x0000)))
    red, green, blue = pixel(picture.render(16), 8, 8)
    assert picture.size == (16, 16)
    assert (red, green, blue) == pytest.approx((255, 128, 0), abs=2)


def test_a_scan_whose_planes_are_in_tiles_is_refused_rather_than_shown_wrongly(opened: Opened) -> None:
    with pytest.raises(Damaged, match="Ask for it as JPEG or PNG"):
        opened("scan.tif", deep_tiff((0xFF00, 0x8000, 0x0000), tiled=True))


def test_a_photo_from_a_phone_opens(opened: Opened, phone_photo: bytes) -> None:
    picture: ImageHandle = opened("board.heic", phone_photo)
    assert (picture.kind, picture.size) == (Kind.IMAGE, (64, 48))
    assert pixel(picture.render(64), 30, 20)[0] > 240


def test_a_picture_bomb_is_refused_before_it_is_decoded(opened: Opened) -> None:
    target = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(target, "PNG")
    with pytest.raises(Refused, match=r"“huge\.png” has more than 50 million pixels"):
        opened("huge.png", target.getvalue())


def test_a_picture_that_breaks_off_is_damaged(opened: Opened) -> None:
    target = io.BytesIO()
    Image.effect_noise((300, 300), 80).save(target, "JPEG")
    with pytest.raises(Damaged, match=r"“board\.jpg” is damaged: the picture breaks off"):
        opened("board.jpg", target.getvalue()[:-9000])


# -- words -------------------------------------------------------------------------------------------------


def test_a_word_document_keeps_headings_lists_tables_and_pictures(opened: Opened, lesson_docx: bytes) -> None:
    word: WordHandle = opened("plan.docx", lesson_docx)
    assert word.simplified
    for part in (
        '<h1 class="title">',
        "Lesson plan</span></h1>",
        "•\t</span>Fractions of a whole</p>",
        "Whiteboards &amp; exit ticket",
        "data:image/png",
    ):
        assert part in word.html


def test_what_is_easily_lost_of_a_word_document_is_there(opened: Opened, lesson_docx: bytes) -> None:
    word: WordHandle = opened("plan.docx", lesson_docx)
    assert "3/4=(x+1)^2" in word.html
    assert word.notes == ("Equations are shown as a line of text.",)
    assert (
        word.html.index("Lakeside programme")
        < word.html.index("Lesson plan")
        < word.html.index("Not for sharing")
    )


def test_a_web_page_loses_scripts_frames_styles_and_everything_from_elsewhere(opened: Opened) -> None:
    page = (
        b"<!doctype html><h1 onclick='x()'>Plan</h1><script>alert(1)</script><iframe src=//evil></iframe>"
        b"<img src='https://tracker.example/p.png'><a href='javascript:x()'>go</a><style>p{}</style>"
    )
    assert opened("page.html", page).html == "<h1>Plan</h1>[a picture kept elsewhere]<a>go</a>"


def test_a_picture_of_a_web_page_from_elsewhere_leaves_its_words_and_a_note(opened: Opened) -> None:
    page = b"<!doctype html><p><img src=https://x.example/a.png alt='pupils hold <b>boards</b>'> here</p>"
    handle = opened("page.html", page)
    assert handle.html == "<p>[a picture kept elsewhere: pupils hold &lt;b&gt;boards&lt;/b&gt;] here</p>"
    assert "Pictures that the document would fetch from elsewhere are not fetched." in handle.notes


def test_markdown_becomes_headings_and_tables_and_html_inside_stays_words(opened: Opened) -> None:
    html = opened("notes.md", b"# Plan\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<script>x</script>\n").html
    assert "<h1>Plan</h1>" in html
    assert "<td>2</td>" in html
    assert "<script>" not in html


def test_a_table_in_text_form_becomes_a_table(opened: Opened) -> None:
    html = opened("scores.csv", b"student;before;after\nA;3;5\nB;<4>;6\n").html
    assert "<th>before</th>" in html
    assert "<td>&lt;4&gt;</td>" in html


def test_plain_text_comes_in_any_usual_encoding(opened: Opened) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        assert opened("note.txt", "Schüler lösen es".encode(encoding)).text == "Schüler lösen es"


def test_a_text_too_long_to_show_says_what_is_left_out(opened: Opened) -> None:
    line = b"word " * 199 + b"end.\n"
    text: TextHandle = opened("log.txt", line * 2_500)
    assert (len(text.text), text.notes) == (2_500 * len(line), ())
    text = opened("log.txt", line * 21_000)
    assert len(text.text) == 20_000_000
    assert text.notes == (f"Only the first 20,000,000 of {21_000 * len(line):,} characters are shown.",)


def test_other_files_give_facts_alone(opened: Opened) -> None:
    other: OtherHandle = opened("sound.bin", b"\x7fELF" + bytes(100))
    assert (other.kind, other.words, other.size) == (Kind.OTHER, "Linux program", 104)


# -- the worker itself -------------------------------------------------------------------------------------


def test_no_key_and_no_name_is_seen_in_the_list_of_processes(
    client: DocumentsClient, opened: Opened, lesson_pdf: bytes
) -> None:
    opened("plan.pdf", lesson_pdf)
    process = worker_of(client)
    assert "plan.pdf" not in " ".join(process.cmdline())
    assert not [name for name in process.environ() if name.startswith("ASSESSOR_DESK")]


def test_secrets_of_the_environment_do_not_reach_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSESSOR_DESK_PASSPHRASE", "correct horse")
    with DocumentsClient() as client:
        client.start()
        assert "correct horse" not in worker_of(client).environ().values()


def test_after_the_worker_died_the_next_question_gets_an_answer(lesson_pdf: bytes, tmp_path: Path) -> None:
    path = tmp_path / "plan.pdf"
    path.write_bytes(lesson_pdf)
    with DocumentsClient() as client:
        pdf = client.open(path, b"", "plan.pdf")
        assert isinstance(pdf, PdfHandle)
        worker_of(client).kill()
        with pytest.raises(Unavailable, match=r"“plan\.pdf” made the reader of documents stop"):
            pdf.render(0, 1.0)
        assert pdf.render(0, 1.0).width == 596


def test_a_document_that_ends_the_worker_again_and_again_is_left_alone(
    lesson_pdf: bytes, tmp_path: Path
) -> None:
    for name in ("bad.pdf", "good.pdf"):
        (tmp_path / name).write_bytes(lesson_pdf)
    with DocumentsClient() as client:
        bad, good = (client.open(tmp_path / name, b"", name) for name in ("bad.pdf", "good.pdf"))
        assert isinstance(bad, PdfHandle)
        assert isinstance(good, PdfHandle)
        for _ in range(2):
            worker_of(client).kill()
            with pytest.raises(Unavailable, match=r"“bad\.pdf” made the reader of documents stop;"):
                bad.render(0, 1.0)
            assert good.render(0, 1.0).width == 596
        with pytest.raises(Unavailable, match=r"“bad\.pdf” .* left alone"):
            bad.render(0, 1.0)


def test_a_question_that_takes_too_long_ends_the_worker(lesson_pdf: bytes, tmp_path: Path) -> None:
    path = tmp_path / "plan.pdf"
    path.write_bytes(lesson_pdf)
    with DocumentsClient(answer_seconds=5.0) as client:
        handle = client.open(path, b"", "plan.pdf")
        client._seconds = 0.2
        os.kill(worker_of(client).pid, signal.SIGSTOP)
        with pytest.raises(Unavailable, match="took longer than"):
            handle.text(0)


def test_the_worker_ends_when_its_pipe_does() -> None:
    client = DocumentsClient()
    client.start()
    process = worker_of(client)
    assert client._child is not None
    client._child._process.stdin.close()
    assert process.wait(5) == 0
    client.close()


def test_closing_ends_the_worker_and_gives_up_what_is_under_way(lesson_pdf: bytes, tmp_path: Path) -> None:
    path = tmp_path / "plan.pdf"
    path.write_bytes(lesson_pdf)
    client = DocumentsClient()
    handle = client.open(path, b"", "plan.pdf")
    process = worker_of(client)
    os.kill(process.pid, signal.SIGSTOP)
    failures: list[Exception] = []

    def ask() -> None:
        try:
            handle.text(0)
        except Unavailable as error:
            failures.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(0.2)
    client.close()
    asking.join(5)
    assert len(failures) == 1
    assert not process.is_running()
    with pytest.raises(Unavailable, match="the desk is closed"):
        handle.text(0)


def test_threads_asking_at_once_each_get_their_own_answer(opened: Opened, lesson_pdf: bytes) -> None:
    pdf: PdfHandle = opened("plan.pdf", lesson_pdf)
    found: dict[int, str] = {}
    threads = [threading.Thread(target=lambda n=n: found.update({n: pdf.text(n % 3).text})) for n in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(found[n] == found[n % 3] for n in range(9))
    assert len({found[0], found[1], found[2]}) == 3


def test_the_worker_writes_no_file_and_no_core_dump(
    client: DocumentsClient, opened: Opened, lesson_pdf: bytes
) -> None:
    opened("plan.pdf", lesson_pdf)
    process = worker_of(client)
    assert process.rlimit(psutil.RLIMIT_FSIZE)[0] == process.rlimit(psutil.RLIMIT_CORE)[0] == 0
    assert 0 < process.rlimit(psutil.RLIMIT_AS)[0] <= 2 * 1024**3


def test_a_frozen_program_starts_itself_as_the_worker(
    lesson_pdf: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "assessor-desk"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m assessor_desk "$@"\n')
    program.chmod(0o700)
    (tmp_path / "plan.pdf").write_bytes(lesson_pdf)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program))
    with DocumentsClient() as client:
        handle = client.open(tmp_path / "plan.pdf", b"", "plan.pdf")
        assert isinstance(handle, PdfHandle)
        assert "--documents-worker" in worker_of(client).cmdline()
