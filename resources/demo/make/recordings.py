"""The three recordings: two lessons on film and one conference as sound."""

from __future__ import annotations

from pathlib import Path

import every_board
import film
import lessons
import three_hands
from script import Beat, Line, Timeline, captions, lay_out
from speech import RATE, Sound, mixed, voiced


def make(key: str, files: Path) -> dict[str, float]:
    """Make the recording of a submission; returns its moments in seconds, for whoever writes the sample reviews."""
    makers = {"7F3A-21": _every_board, "91BB-02": _three_hands, "A93F-30": _conference}
    timeline = makers[key](files / key)
    return {name: round(second, 1) for name, second in timeline.moments.items()}


def _every_board(folder: Path) -> Timeline:
    timeline, sounds = _timed(lessons.EVERY_BOARD, "")
    lesson = every_board.lesson(timeline)
    spans = film.murmur(lesson, ("regroup", 66.0 - 1), ("end", 3.0))
    film.write(lesson, mixed(timeline, sounds, 3, spans), folder / "lesson-video.mp4")
    return timeline


def _three_hands(folder: Path) -> Timeline:
    timeline, sounds = _timed(lessons.THREE_HANDS, "en-us+m2")
    lesson = three_hands.lesson(timeline)
    spans = film.murmur(lesson, ("move", 47.0), ("end", 4.0))
    film.write(lesson, mixed(timeline, sounds, 5, spans), folder / "class-recording.mp4")
    return timeline


def _conference(folder: Path) -> Timeline:
    timeline, sounds = _timed(lessons.CONFERENCE, "en-us+f3")
    film.write_sound(mixed(timeline, sounds, 7), folder / "conference.m4a")
    (folder / "conference.vtt").write_text(captions(timeline), encoding="utf-8")
    return timeline


def _timed(script: tuple[Line | Beat, ...], teacher: str) -> tuple[Timeline, dict[str, Sound]]:
    sounds = voiced(script, teacher)
    return lay_out(script, {text: len(sound) / RATE for text, sound in sounds.items()}), sounds
