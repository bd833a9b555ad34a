"""Files as educators hand them in, and files made to do harm."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import docx
import numpy as np
import pikepdf
import pytest
import typst
from PIL import Image

from assessor_desk.artifacts.documents import DocumentsClient, Handle
from assessor_desk.artifacts.vault import Vault

LESSON = """
#set heading(numbering: "1.")
= Lesson plan
The exit ticket asks: what is three quarters of twenty-four?
#pagebreak()
= Second part
#table(columns: 2, [Minute], [What students do], [0–10], [Write the answer on whiteboards])
Đánh giá: học sinh viết câu trả lời.
#pagebreak()
= Third part
Every student commits to an answer; the exit
ticket is read before the next lesson.
"""

SealDocument = Callable[[str, bytes], Handle]


@pytest.fixture(scope="session")
def lesson_pdf() -> bytes:
    """Three pages with an outline, a table and Vietnamese words."""
    return typst.compile(LESSON.encode())


@pytest.fixture(scope="session")
def locked_pdf(lesson_pdf: bytes) -> bytes:
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(lesson_pdf)) as pdf:
        pdf.save(target, encryption=pikepdf.Encryption(user="open sesame", owner="owner"))
    return target.getvalue()


@pytest.fixture(scope="session")
def lesson_docx() -> bytes:
    """Heading, list, table, picture, header, footer and an equation."""
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Lakeside programme"
    document.sections[0].footer.paragraphs[0].text = "Not for sharing"
    document.add_heading("Lesson plan", 0)
    document.add_paragraph("Fractions of a whole", style="List Bullet")
    table = document.add_table(2, 2, style="Table Grid")
    for cell, words in zip(table._cells, ("Minute", "Activity", "0–10", "Whiteboards & exit ticket")):
        cell.text = words
    picture = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(picture, "PNG")
    document.add_picture(picture)
    document.add_paragraph("It is ")._p.append(docx.oxml.parse_xml(EQUATION))
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


EQUATION = (
    '<m:oMathPara xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:oMath>'
    "<m:f><m:num><m:r><m:t>3</m:t></m:r></m:num><m:den><m:r><m:t>4</m:t></m:r></m:den></m:f>"
    "<m:r><m:t>=</m:t></m:r><m:sSup><m:e><m:r><m:t>x+1</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup>"
    "</m:sSup></m:oMath></m:oMathPara>"
)


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A JPEG held sideways: 80 by 40 pixels as stored, red above in the upright picture, 40 by 80."""
    picture = Image.new("RGB", (80, 40), "white")
    picture.paste("red", (0, 0, 20, 40))
    exif = picture.getexif()
    exif[0x0112] = 6
    target = io.BytesIO()
    picture.save(target, "JPEG", exif=exif, quality=95)
    return target.getvalue()


@pytest.fixture(scope="session")
def phone_photo() -> bytes:
    """64 by 48 red pixels as phones store them: HEVC in HEIC (ISO/IEC 23008-12), encoded as a one-frame film."""
    film = io.BytesIO()
    with av.open(film, "w", format="mp4") as container:
        stream = container.add_stream("libx265", rate=1, options={"x265-params": "log-level=none:keyint=1"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        picture = np.full((48, 64, 3), (255, 0, 0), np.uint8)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode())
    at = film.getvalue().index(b"hvcC") - 4
    settings = film.getvalue()[at:][: struct.unpack(">I", film.getvalue()[at : at + 4])[0]]
    with av.open(io.BytesIO(film.getvalue())) as container:
        sample = bytes(next(container.demux(video=0)))
    head = box(b"ftyp", b"heic", bytes(4), b"mif1heic")
    start = len(head) + len(_heic_meta(settings, 0, len(sample))) + 8
    return head + _heic_meta(settings, start, len(sample)) + box(b"mdat", sample)


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box of ISO/IEC 14496-12."""
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def _heic_meta(settings: bytes, offset: int, length: int) -> bytes:
    plain, version_2 = bytes(4), struct.pack(">I", 2 << 24)
    extent = struct.pack(">BBHHHHII", 0x44, 0, 1, 1, 0, 1, offset, length)
    entry = box(b"infe", version_2, struct.pack(">HH", 1, 0), b"hvc1\0")
    properties = box(b"ipco", settings, box(b"ispe", plain, struct.pack(">II", 64, 48)))
    return box(
        b"meta",
        plain,
        box(b"hdlr", plain, bytes(4), b"pict", bytes(13)),
        box(b"pitm", plain, struct.pack(">H", 1)),
        box(b"iloc", plain, extent),
        box(b"iinf", plain, struct.pack(">H", 1), entry),
        box(b"iprp", properties, box(b"ipma", plain, struct.pack(">IHBBB", 1, 1, 2, 0x81, 2))),
    )


def package(members: dict[str, bytes], original: bytes | None = None) -> bytes:
    """A ZIP of `members`, added to or put in place of those of `original`."""
    kept: dict[str, bytes] = {}
    if original is not None:
        with zipfile.ZipFile(io.BytesIO(original)) as source:
            kept = {name: source.read(name) for name in source.namelist()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in (kept | members).items():
            made.writestr(name, data)
    return target.getvalue()


@pytest.fixture
def repack(lesson_docx: bytes) -> Callable[[dict[str, bytes]], bytes]:
    """The lesson plan with parts replaced or added."""
    return lambda members: package(members, lesson_docx)


@pytest.fixture(scope="module")
def client() -> Iterator[DocumentsClient]:
    with DocumentsClient() as opened:
        opened.start()  # before any test looks for processes that it left behind
        yield opened


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


@pytest.fixture
def opened(client: DocumentsClient, vault: Vault) -> Iterator[SealDocument]:
    """Seal bytes into a vault and open them in the worker; what was opened is closed afterwards."""
    handles: list[Handle] = []

    def seal_and_open(name: str, data: bytes) -> Handle:
        sealed = vault.write(io.BytesIO(data), len(data))
        handles.append(client.open(vault.path(sealed.digest), sealed.key, name))
        return handles[-1]

    yield seal_and_open
    for handle in handles:
        handle.close()
