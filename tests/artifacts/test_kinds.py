"""What a file is, told from its bytes."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable

import pytest
from PIL import Image

from assessor_desk.artifacts.kinds import Kind, decode_text, delimiter, sniff


def kind_of(data: bytes) -> Kind:
    return sniff(io.BytesIO(data)).kind


def boxed(brand: bytes) -> bytes:
    return struct.pack(">I4s4s", 24, b"ftyp", brand) + bytes(12)


@pytest.mark.parametrize(
    ("data", "kind", "media_type"),
    [
        (b"%PDF-1.7\n...", Kind.PDF, "application/pdf"),
        (b"junk before\n%PDF-1.4", Kind.PDF, "application/pdf"),
        (boxed(b"isom"), Kind.VIDEO, "video/mp4"),
        (boxed(b"qt  "), Kind.VIDEO, "video/quicktime"),
        (boxed(b"M4A "), Kind.AUDIO, "audio/mp4"),
        (boxed(b"heic"), Kind.IMAGE, "image/heic"),
        (boxed(b"avif"), Kind.IMAGE, "image/avif"),
        (boxed(b"hevc"), Kind.OTHER, "image/heic-sequence"),
        (b"\0\0\0\x08wide\0\0\0\x20mdat", Kind.VIDEO, "video/quicktime"),
        (b"\x1aE\xdf\xa3\x9fB\x82\x84webm", Kind.VIDEO, "video/webm"),
        (b"RIFF\0\0\0\0AVI LIST", Kind.VIDEO, "video/x-msvideo"),
        (b"RIFF\0\0\0\0WAVEfmt ", Kind.AUDIO, "audio/wav"),
        (b"ID3\x04" + bytes(20), Kind.AUDIO, "audio/mpeg"),
        (b"\xff\xfb\x90\x64" + bytes(20), Kind.AUDIO, "audio/mpeg"),
        (b"OggS" + bytes(24) + b"OpusHead", Kind.AUDIO, "audio/ogg"),
        ((b"G" + bytes(187)) * 5, Kind.VIDEO, "video/mp2t"),
        (b"\xff\xd8\xff\xe0" + bytes(8), Kind.IMAGE, "image/jpeg"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\nHi", Kind.CAPTIONS, "text/vtt"),
        (b"1\r\n00:00:01,000 --> 00:00:02,000\r\nHi", Kind.CAPTIONS, "application/x-subrip"),
        (b"\n<!DOCTYPE html><p>", Kind.HTML, "text/html"),
        (b"<h1>Plan</h1><ul><li>one<li>two</ul>", Kind.HTML, "text/html"),
        (b"<div align=center>\n\n# Plan\n\n- one\n- two\n", Kind.MARKDOWN, "text/markdown"),
        (b"<print this> is what I wrote", Kind.TEXT, "text/plain"),
        (b"<?xml version='1.0'?><a/>", Kind.TEXT, "text/xml"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Kind.IMAGE, "image/svg+xml"),
        (b"a,b,c\n1,2,3\n4,5,6\n", Kind.CSV, "text/csv"),
        (b"# Plan\n\nWhat we do.", Kind.MARKDOWN, "text/markdown"),
        (b"- one\n- two\n\n**bold** words", Kind.MARKDOWN, "text/markdown"),
        (b"Dear assessor, this is how it went.\n- not a list, just a dash.", Kind.TEXT, "text/plain"),
        (b"{\\rtf1\\ansi", Kind.RTF, "application/rtf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), Kind.OTHER, "application/x-ole-storage"),
        (b"PK\x03\x04 and nothing that follows", Kind.OTHER, "application/zip"),
        (b"\x00\x01\x02\x03", Kind.OTHER, "application/octet-stream"),
        (b"", Kind.OTHER, "application/x-empty"),
    ],
)
def test_kind_and_media_type_follow_from_the_bytes(data: bytes, kind: Kind, media_type: str) -> None:
    sniffed = sniff(io.BytesIO(data))
    assert (sniffed.kind, sniffed.media_type) == (kind, media_type)


def test_a_word_document_is_told_from_other_packages(
    repack: Callable[..., bytes], lesson_docx: bytes
) -> None:
    assert kind_of(lesson_docx) is Kind.WORD
    assert kind_of(repack({})[:-30]) is Kind.OTHER


def test_what_pillow_writes_is_a_picture() -> None:
    for written in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "AVIF"):
        target = io.BytesIO()
        Image.new("RGB", (4, 4)).save(target, written)
        assert kind_of(target.getvalue()) is Kind.IMAGE


def test_sniffing_leaves_the_reader_at_its_beginning(lesson_docx: bytes) -> None:
    for data in (b"%PDF-1.7", lesson_docx, b"PK\x03\x04 broken"):
        reader = io.BytesIO(data)
        sniff(reader)
        assert reader.tell() == 0


def test_text_cut_in_the_middle_of_a_character_is_still_text() -> None:
    assert decode_text("câu".encode()[:3]) == "c\u00e2"
    assert decode_text("cấ".encode()[:-1]) == "c"


def test_prose_with_commas_is_no_table() -> None:
    assert delimiter("One, two.\nThree, four.\n") == ""
    assert delimiter("name,score\n") == ""
    assert delimiter("Well, yes.\nNo\nPerhaps, or not, who knows.\n") == ""
