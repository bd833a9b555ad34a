"""From a lesson to an MP4 with sound and its captions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import speech
from PySide6.QtGui import QImage, QPainter
from script import captions
from speech import RATE, Sound
from staging import Lesson

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
PICTURES_A_SECOND = 15


def envelope(sound: Sound) -> list[float]:
    """How far a mouth is open, thirty times a second."""
    step = RATE // 30
    loud = np.abs(sound[: len(sound) // step * step]).reshape(-1, step).mean(axis=1)
    return [float(value) for value in np.clip((loud - 0.03) / 0.12, 0, 1)]


def picture(lesson: Lesson, second: float) -> QImage:
    """One picture of the lesson."""
    image = QImage(1280, 720, QImage.Format.Format_RGB888)
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    lesson.frame(painter, second)
    painter.end()
    return image


def write(lesson: Lesson, sound: Sound, video: Path) -> None:
    """Write the film and, beside it, its captions with the suffix `.vtt`."""
    lesson.envelope = envelope(sound)
    with av.open(str(video), "w", options={"movflags": "+faststart"}) as container:
        container.metadata["title"] = "Synthetic classroom sample: no real people"
        pictures = container.add_stream(
            "libx264", rate=PICTURES_A_SECOND, options={"crf": "25", "preset": "slow", "tune": "animation"}
        )
        pictures.width, pictures.height, pictures.pix_fmt = 1280, 720, "yuv420p"
        pictures.gop_size = PICTURES_A_SECOND * 4
        voices = container.add_stream("aac", rate=44_100, layout="mono", bit_rate=72_000)
        spoken = _audio_frames(sound)
        for number in range(round(lesson.timeline.length * PICTURES_A_SECOND)):
            frame = av.VideoFrame.from_ndarray(
                _pixels(picture(lesson, number / PICTURES_A_SECOND)), format="rgb24"
            )
            frame.pts, frame.time_base = number, Fraction(1, PICTURES_A_SECOND)
            container.mux(pictures.encode(frame))
            while (audio := next(spoken, None)) is not None:
                container.mux(voices.encode(audio))
                if (audio.time or 0.0) > number / PICTURES_A_SECOND:
                    break
        container.mux(pictures.encode())
        for audio in spoken:
            container.mux(voices.encode(audio))
        container.mux(voices.encode())
    video.with_suffix(".vtt").write_text(captions(lesson.timeline), encoding="utf-8")


def write_sound(sound: Sound, path: Path) -> None:
    """Write a recording without pictures as AAC in M4A."""
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        container.metadata["title"] = "Synthetic conversation sample: no real people"
        voices = container.add_stream("aac", rate=44_100, layout="mono", bit_rate=80_000)
        for audio in _audio_frames(sound):
            container.mux(voices.encode(audio))
        container.mux(voices.encode())


def _pixels(image: QImage) -> np.ndarray:
    rows = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(720, image.bytesPerLine())
    return np.ascontiguousarray(rows[:, : 1280 * 3]).reshape(720, 1280, 3)


def _audio_frames(sound: Sound) -> Iterator[av.AudioFrame]:
    """The sound at 44.1 kHz in blocks of an AAC frame."""
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=44_100, frame_size=1024)
    for start in range(0, len(sound), RATE):
        block = av.AudioFrame.from_ndarray(sound[None, start : start + RATE], format="flt", layout="mono")
        block.sample_rate, block.pts, block.time_base = RATE, start, Fraction(1, RATE)
        yield from resampler.resample(block)
    yield from resampler.resample(None)


def murmur(lesson: Lesson, *spans: tuple[str, float]) -> list[tuple[float, float]]:
    """Spans of murmuring, each from a named moment for some seconds."""
    return [(lesson.moment(name), lesson.moment(name) + seconds) for name, seconds in spans]


__all__ = ["envelope", "murmur", "picture", "speech", "write", "write_sound"]
