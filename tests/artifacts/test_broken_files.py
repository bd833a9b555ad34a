"""Files broken at random are told as broken: the worker outlives them, whatever their parsers raise."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from assessor_desk.artifacts.documents import DocumentsClient, ImageHandle, PdfHandle
from assessor_desk.domain.errors import Damaged, Refused

TURNS = 40


def broken(data: bytes, rng: random.Random) -> bytes:
    """Some bytes changed, some cut out, or the end cut off."""
    found = bytearray(data)
    match rng.randrange(3):
        case 0:
            for _ in range(rng.randint(1, 30)):
                found[rng.randrange(len(found))] = rng.randrange(256)
        case 1:
            del found[rng.randrange(len(found)) :]
        case _:
            start = rng.randrange(len(found))
            del found[start : start + rng.randint(1, 1000)]
    return bytes(found)


def broken_inside(data: bytes, rng: random.Random) -> bytes:
    """A package that is whole, with parts that are not."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as made:
        for member in source.infolist():
            part = source.read(member)
            made.writestr(member.filename, broken(part, rng) if part and rng.random() < 0.3 else part)
    return target.getvalue()


def look_through(client: DocumentsClient, path: Path) -> str:
    """Open all of a file; `Unavailable`, which means that the worker died, is not caught."""
    try:
        handle = client.open(path, b"", "file")
        if isinstance(handle, PdfHandle):
            handle.measure()
            handle.outline()
            handle.render(0, 0.5)
            handle.text(0)
        elif isinstance(handle, ImageHandle):
            handle.render(64)
        handle.close()
    except (Damaged, Refused) as error:
        return str(error)
    return ""


def picture(kind: str) -> bytes:
    target = io.BytesIO()
    Image.effect_noise((90, 60), 60).convert("RGB").save(target, kind)
    return target.getvalue()


@pytest.mark.parametrize("kind", ["pdf", "docx", "docx inside", "PNG", "JPEG", "GIF", "TIFF", "WEBP", "AVIF"])
def test_the_worker_outlives_broken_files(
    client: DocumentsClient, tmp_path: Path, lesson_pdf: bytes, lesson_docx: bytes, kind: str
) -> None:
    rng = random.Random(kind)
    whole = {"pdf": lesson_pdf, "docx": lesson_docx, "docx inside": lesson_docx}.get(kind) or picture(kind)
    breaking: Callable[[bytes, random.Random], bytes] = broken_inside if kind == "docx inside" else broken
    path, told = tmp_path / "file", 0
    for _ in range(TURNS):
        path.write_bytes(breaking(whole, rng))
        sentence = look_through(client, path)
        told += bool(sentence)
        assert not sentence or "“file”" in sentence
        client.preflight(path, "file")
    assert told > 0
