"""Captions beside a recording, in either of the two common formats."""

from pathlib import Path

import pytest

from assessor_desk.artifacts.documents import DocumentsClient, TextHandle
from assessor_desk.artifacts.media.captions import Cue, captions_fault, parse_captions

VTT = """WEBVTT

NOTE a remark
of two lines

STYLE
::cue { color: red }

intro
00:01.000 --> 00:02.500 align:start
<v Teacher>How many <b>is</b> that?</v>
Yes &amp; no

1:02:03.040 --> 1:02:04.000
Later
"""
SRT = (
    "\ufeff1\r\n00:00:05,250 --> 00:00:06,000\r\n<i>Yes</i>, at the front."
    "\r\n\r\n2\r\n00:00:07,000 --> 00:00:06,000\r\nbackwards\r\n"
)


def test_webvtt_keeps_times_words_and_who_speaks() -> None:
    assert parse_captions(VTT) == (
        Cue(1000, 2500, "Teacher: How many is that?\nYes & no"),
        Cue(3_723_040, 3_724_000, "Later"),
    )


def test_subrip_is_read_and_a_cue_that_ends_before_it_starts_is_left_out() -> None:
    assert parse_captions(SRT) == (Cue(5250, 6000, "Yes, at the front."),)


@pytest.mark.parametrize("text", ["", "WEBVTT", "no captions at all", "-->", "00:00 --> 00:01\nx", "\0" * 50])
def test_what_is_no_captions_gives_none(text: str) -> None:
    assert parse_captions(text) == ()


def test_cues_come_in_the_order_of_their_times() -> None:
    text = "00:05.000 --> 00:06.000\nsecond\n\n00:01.000 --> 00:02.000\nfirst"
    assert [cue.text for cue in parse_captions(text)] == ["first", "second"]


def test_captions_beside_a_recording_are_read_in_the_encodings_of_their_editors(tmp_path: Path) -> None:
    cues = "00:00:01,000 --> 00:00:02,000\r\n“Très bien”, naïve façade\r\n\r\n"
    with DocumentsClient() as reader:
        for start in ("1\r\n", "WEBVTT\r\n\r\n"):
            for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
                path = tmp_path / "lesson.txt"
                path.write_bytes((start + cues).encode(encoding))
                handle = reader.open(path, b"", path.name)
                assert isinstance(handle, TextHandle)
                assert parse_captions(handle.text) == (Cue(1000, 2000, "“Très bien”, naïve façade"),), (
                    encoding
                )


def test_captions_that_cannot_be_read_are_told() -> None:
    assert captions_fault(VTT, "lesson.vtt") == ""
    assert captions_fault("", "lesson.vtt") == ""
    assert captions_fault(SRT, "a.srt") == "1 of the 2 captions in “a.srt” cannot be read and are left out."
    assert "neither WebVTT nor SubRip" in captions_fault("Dear all,\n\nsee you at noon.", "a.srt")
