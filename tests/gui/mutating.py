"""Files as they come out of cameras and programs, and what becomes of them when bytes are lost or changed."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import typst
from PIL import Image
from tests.artifacts.media_clips import clip

_LESSON = (
    "= Lesson plan\nThe exit ticket.\n#pagebreak()\n= Second\n#table(columns: 2, [Minute], [0–10])\n$x^2$"
)
_EXTREMES = (0, 1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def whole_files(folder: Path) -> dict[str, bytes]:
    """One sound file of each kind, by its suffix."""
    found = {".pdf": typst.compile(_LESSON.encode()), ".docx": _document()}
    for suffix, kind in ((".png", "PNG"), (".jpg", "JPEG")):
        target = io.BytesIO()
        Image.effect_noise((220, 160), 60).convert("RGB").save(target, kind)
        found[suffix] = target.getvalue()
    for suffix in (".mp4", ".webm"):
        path = folder / f"clip{suffix}"
        clip(path, seconds=1)
        found[suffix] = path.read_bytes()
    return found


def _document() -> bytes:
    made = docx.Document()
    made.add_heading("Lesson plan", 0)
    made.add_paragraph("Fractions of a whole", style="List Bullet")
    made.add_table(2, 2).cell(0, 0).text = "Minute"
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def mutated(data: bytes, suffix: str, rng: random.Random) -> bytes:
    """A file with one to three things wrong; of a package more often inside than outside."""
    if suffix == ".docx" and rng.random() < 0.7:
        return _inside(data, rng)
    for _ in range(rng.randint(1, 3)):
        data = rng.choice(_WAYS)(data, rng)
    return data


def _inside(data: bytes, rng: random.Random) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as made:
        for member in source.infolist():
            part = source.read(member)
            made.writestr(
                member.filename, rng.choice(_WAYS)(part, rng) if part and rng.random() < 0.4 else part
            )
    return target.getvalue()


def _changed(data: bytes, rng: random.Random) -> bytes:
    found = bytearray(data)
    for _ in range(rng.randint(1, 40) if found else 0):
        found[rng.randrange(len(found))] = rng.randrange(256)
    return bytes(found)


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _lost(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data) + 1)
    return data[:start] + data[start + rng.randint(1, 2000) :]


def _twice(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data) + 1)
    return data[:start] + data[start : start + rng.randint(1, 3000)] * rng.randint(2, 9) + data[start:]


def _absurd_number(data: bytes, rng: random.Random) -> bytes:
    """Lengths and counts stand anywhere; four bytes become one that nobody means."""
    at = rng.randrange(max(1, len(data) - 4))
    order = rng.choice("<>")
    return data[:at] + struct.pack(f"{order}I", rng.choice(_EXTREMES)) + data[at + 4 :]


def _zeroed(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data) + 1)
    length = min(rng.randint(1, 4000), len(data) - start)
    return data[:start] + bytes(length) + data[start + length :]


_WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _changed, _cut, _lost, _twice, _absurd_number, _absurd_number, _zeroed,
)  # fmt: skip
