"""Documents read back by other programs than those that wrote them, for tests of what they say."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
import page
import pikepdf
import pypdfium2
from docx.oxml.ns import qn
from lxml import etree, html

PROFILES = (page.ValidationProfile.PDF_UA_1, page.ValidationProfile.PDF_A_3A)

Headings = list[tuple[int, str]]
"""Level and words of each heading."""


def text_of(pdf: bytes) -> str:
    """All text of a PDF, white space made single."""
    return " ".join(" ".join(pages_of(pdf)).split())


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [one.get_textpage().get_text_range() for one in document]
    finally:
        document.close()


def paragraphs(word: bytes) -> list[str]:
    """All paragraphs of a DOCX in reading order, tables included."""
    body = docx.Document(io.BytesIO(word)).element.body
    return ["".join(run.text or "" for run in one.iter(qn("w:t"))) for one in body.iter(qn("w:p"))]


def assert_compliant(pdf: bytes) -> None:
    """The PDF follows PDF/UA-1 and PDF/A-3a."""
    for profile in PROFILES:
        report = page.validate_pdf_bytes(pdf, profile=profile)
        failures = [(one.rule_id, one.message) for one in report.failures if not _misread(one.rule_id, pdf)]
        assert not failures


def _misread(rule: str, pdf: bytes) -> bool:
    """page-validation takes the last byte of compressed data for the end of a line where it is a carriage return."""
    return rule == "PDFA3A-STREAM-LENGTH-001" and b"\r\nendstream" in pdf


def html_lines(document: bytes) -> list[str]:
    """Every paragraph, heading and cell of an HTML file's header and main part, in reading order."""
    root = html.document_fromstring(document)
    found = [one for part in ("header", "main") for one in root.find(f"body/{part}").iter()]
    said = [one.text_content() for one in found if _holds_words(one)]
    return [line for line in said if line.strip()]


def _holds_words(element: Any) -> bool:
    """A block that has no block within it."""
    blocks = {"p", "h1", "h2", "h3", "th", "td", "li"}
    return element.tag in blocks and not any(one.tag in blocks for one in element.iterdescendants())


def html_headings(document: bytes) -> Headings:
    """The headings of an HTML file."""
    root = html.document_fromstring(document)
    return [(int(one.tag[1]), one.text_content()) for one in root.iter("h1", "h2", "h3")]


def word_headings(word: bytes) -> Headings:
    """The real headings of a DOCX."""
    styled = ((one.style.name, one.text) for one in docx.Document(io.BytesIO(word)).paragraphs if one.style)
    return [(int(name[-1]), text) for name, text in styled if name.startswith("Heading ")]


def opened_headings(soffice: str, folder: Path, *words: bytes) -> list[Headings]:
    """The headings of each DOCX as LibreOffice understands them: all opened at once, in a profile of their own."""
    command = [soffice, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
    names = [f"{number}.docx" for number in range(len(words))]
    for name, content in zip(names, words, strict=True):
        (folder / name).write_bytes(content)
    to = ["--convert-to", "fodt", "--outdir", str(folder)]
    subprocess.run([*command, *to, *names], cwd=folder, check=True, capture_output=True, timeout=120)
    return [_office_headings(folder / name.replace("docx", "fodt")) for name in names]


def _office_headings(path: Path) -> Headings:
    text = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
    found = etree.parse(path).iter(f"{{{text}}}h")
    return [(int(one.get(f"{{{text}}}outline-level")), "".join(one.itertext())) for one in found]


def pdf_headings(pdf: bytes) -> Headings:
    """The headings of a PDF as its outline names them; its structure must have the same levels."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        outline = [(one.level + 1, one.get_title()) for one in document.get_toc()]
    finally:
        document.close()
    tagged = [int(tag.name[1]) for tag in tags_of(pdf) if re.fullmatch("H[1-6]", tag.name)]
    assert [level for level, _ in outline] == tagged
    return outline


@dataclass(frozen=True)
class Tag:
    """An element of a PDF's structure."""

    name: str
    alternative: str
    language: str


def tags_of(pdf: bytes) -> list[Tag]:
    """A PDF's structure in reading order."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return list(_tags(document.Root.StructTreeRoot))


def _tags(element: Any) -> Iterator[Tag]:
    if not isinstance(element, pikepdf.Dictionary):
        return
    if "/S" in element:
        yield Tag(str(element.S)[1:], str(element.get("/Alt", "")), str(element.get("/Lang", "")))
    children = element.get("/K")
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        yield from _tags(child)
