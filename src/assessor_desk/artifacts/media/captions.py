"""Captions beside a recording, in WebVTT or SubRip.

After WebVTT (https://www.w3.org/TR/webvtt1/). Only times and words are kept: positions, styles and regions are
not for an assessor. What is not understood is passed over, as both formats ask of readers.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMING = re.compile(rf"^\s*{_TIME}\s*-->\s*{_TIME}")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]{1,80})>")
_TAG = re.compile(r"<[^>]{0,200}>|\{\\[^}]{0,200}\}")
_LONGEST = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Cue:
    """Words shown from `start_ms` until before `end_ms`."""

    start_ms: int
    end_ms: int
    text: str


def parse_captions(text: str) -> tuple[Cue, ...]:
    """Cues in the order of their times; none when `text` holds no captions."""
    blocks = re.split(r"\n[ \t]*\n", text[:_LONGEST].replace("\r\n", "\n").replace("\r", "\n"))
    return in_order(cue for block in blocks for cue in _cues(block.split("\n")))


def captions_fault(text: str, name: str) -> str:
    """A sentence on what of these captions cannot be read; empty where all can. `name` is what it calls them."""
    promised = sum("-->" in line for line in text[:_LONGEST].splitlines())
    lost = promised - len(parse_captions(text))
    if text.strip() and not promised:
        return f"“{name}” holds no captions: it is neither WebVTT nor SubRip. Ask for one of these."
    if lost <= 0:
        return ""
    return f"{lost} of the {promised} captions in “{name}” cannot be read and are left out."


def in_order(cues: Iterator[Cue]) -> tuple[Cue, ...]:
    """Sorted by time; cues without words or without length are left out."""
    whole = (cue for cue in cues if cue.text and cue.end_ms > cue.start_ms)
    return tuple(sorted(whole, key=lambda cue: (cue.start_ms, cue.end_ms)))


def plain_words(marked_up: str) -> str:
    """Caption text without its markup; who speaks is kept in words."""
    return html.unescape(_TAG.sub("", _VOICE.sub(r"\1: ", marked_up))).strip()


def _cues(lines: list[str]) -> Iterator[Cue]:
    for number, line in enumerate(lines):
        if found := _TIMING.match(line):
            words = plain_words("\n".join(lines[number + 1 :]))
            yield Cue(_milliseconds(found.groups()[:4]), _milliseconds(found.groups()[4:]), words)
            return


def _milliseconds(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, fraction = parts
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return whole * 1000 + int((fraction or "0").ljust(3, "0"))
