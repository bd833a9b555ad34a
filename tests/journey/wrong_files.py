"""Files as they should not be handed in: cut short, locked, and made to exhaust a memory."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pikepdf
from tests.fixtures_large import pdf
from tests.journey.programme import video, word, write_table

from assessor_desk.hub.folder import ARTIFACTS_FILE, SUBMISSIONS_FILE

HEADS = {
    SUBMISSIONS_FILE: (
        "submission key", "educator key", "name", "micro-credential", "attempt", "draft", "district", "language",
        "permission attested",
    ),
    ARTIFACTS_FILE: ("submission key", "part", "file or link", "label", "captions"),
}  # fmt: skip


def cut_video(path: Path) -> Path:
    """A video whose second half never arrived."""
    video(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def locked_pdf(path: Path) -> Path:
    """A PDF that asks for a password."""
    made = pdf(path.parent, 2, pictures=False)
    with pikepdf.open(made) as document:
        document.save(path, encryption=pikepdf.Encryption(user="open sesame", owner="owner"))
    made.unlink()
    return path


def bomb(path: Path, megabytes: int = 300) -> Path:
    """A Word document of a few hundred kilobytes that inflates to hundreds of megabytes."""
    word(path, "Nothing to see here.")
    with zipfile.ZipFile(path) as sound:
        parts = {name: sound.read(name) for name in sound.namelist()}
    body = parts.pop("word/document.xml")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
        with package.open("word/document.xml", "w", force_zip64=True) as part:
            start, end = body.split(b"Nothing to see here.")
            part.write(start)
            for _ in range(megabytes):
                part.write(b" " * 1_000_000)
            part.write(end)
    return path


def write_wrong_submission(folder: Path) -> Path:
    """A folder to import whose submission BAD-03 has one of each, and an overview that is sound."""
    files = folder / "files" / "BAD-03"
    files.mkdir(parents=True)
    (files / "overview.md").write_text("# Overview\n", encoding="utf-8")
    cut_video(files / "lesson.mp4")
    locked_pdf(files / "locked.pdf")
    bomb(files / "bomb.docx")
    write_rows(
        folder,
        [("BAD-03", "E-3", "Ivo Wrong", "talk-moves", "1", "no", "Harbour", "en", "yes")],
        [
            ("BAD-03", "overview", "overview.md", "", ""),
            ("BAD-03", "work", "lesson.mp4", "", ""),
            ("BAD-03", "work", "locked.pdf", "", ""),
            ("BAD-03", "work", "bomb.docx", "", ""),
        ],
    )
    return folder


def write_rows(folder: Path, submissions: list[tuple[str, ...]], artifacts: list[tuple[str, ...]]) -> None:
    """The two tables."""
    write_table(folder / SUBMISSIONS_FILE, HEADS[SUBMISSIONS_FILE], submissions)
    write_table(folder / ARTIFACTS_FILE, HEADS[ARTIFACTS_FILE], artifacts)


def package_of(members: dict[str, bytes]) -> bytes:
    """A ZIP of these members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for name, content in members.items():
            package.writestr(name, content)
    return target.getvalue()
