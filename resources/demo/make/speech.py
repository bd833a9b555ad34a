"""Voices by espeak-ng, mixed over low room noise. Needs the espeak-ng program; everything else is NumPy."""

from __future__ import annotations

import subprocess
import tempfile
import wave
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from script import Beat, Line, Timeline

RATE = 22_050
Sound = NDArray[np.float32]

#: espeak-ng voice, pitch (0–99), words a minute and loudness of each speaker.
VOICES = {
    "teacher": ("en-us+f2", 46, 142, 1.0),
    "first": ("en-us+f5", 78, 150, 0.8),
    "second": ("en-us+m3", 88, 146, 0.8),
    "third": ("en-gb+f1", 82, 150, 0.75),
    "fourth": ("en-us+Annie", 74, 152, 0.8),
    "notice": ("en-gb+f3", 50, 150, 0.8),
}
CHORUS = ("first", "second", "third", "fourth")


def voiced(script: Iterable[Line | Beat], teacher: str = "") -> dict[str, Sound]:
    """Each spoken text's sound, by `who|words`; `teacher` replaces the voice of the teacher (an espeak-ng name)."""
    return {f"{s.who}|{s.words}": _line(s, teacher) for s in script if isinstance(s, Line)}


def mixed(
    timeline: Timeline, sounds: dict[str, Sound], seed: int, murmur: Iterable[tuple[float, float]] = ()
) -> Sound:
    """All lines at their times with room noise, an echo, and a murmur of voices in the given spans of seconds."""
    rng = np.random.default_rng(seed)
    track = np.zeros(round(timeline.length * RATE) + RATE, dtype=np.float32)
    for part in timeline.parts:
        if part.who:
            _add(track, sounds[f"{part.who}|{part.words}"], part.start)
    track = _echo(track, rng)
    babble = _babble(list(sounds.values()), len(track), rng)
    for start, end in murmur:
        _add(track, _faded(babble[: round((end - start) * RATE)]) * 0.16, start)
    track += _room(len(track), rng)
    track = track[: round(timeline.length * RATE)]
    return np.asarray(track / max(1e-6, float(np.abs(track).max())) * 0.86, dtype=np.float32)


def _line(line: Line, teacher: str) -> Sound:
    if line.who == "class":
        voices = [_spoken(line.words, who, "") for who in CHORUS]
        whole = np.zeros(max(map(len, voices)) + RATE // 4, dtype=np.float32)
        for index, voice in enumerate(voices):
            _add(whole, voice * 0.45, index * 0.06)
        return whole
    return _spoken(line.words, line.who, teacher if line.who == "teacher" else "")


def _spoken(words: str, who: str, instead: str) -> Sound:
    voice, pitch, pace, loudness = VOICES[who]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.wav"
        command = [
            "espeak-ng",
            "-v",
            instead or voice,
            "-p",
            str(pitch),
            "-s",
            str(pace),
            "-w",
            str(path),
            words,
        ]
        subprocess.run(command, check=True)
        with wave.open(str(path)) as sound:
            assert sound.getframerate() == RATE
            data = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2").astype(np.float32) / 32768
    heard = np.flatnonzero(np.abs(data) > 0.01)
    return np.asarray(data[: heard[-1] + RATE // 20] * loudness, dtype=np.float32)


def _add(track: Sound, sound: Sound, second: float) -> None:
    start = round(second * RATE)
    end = min(len(track), start + len(sound))
    track[start:end] += sound[: end - start]


def _convolved(sound: Sound, response: Sound) -> Sound:
    size = 1 << (len(sound) + len(response) - 1).bit_length()
    product = np.fft.rfft(sound, size) * np.fft.rfft(response, size)
    return np.asarray(np.fft.irfft(product, size)[: len(sound)], dtype=np.float32)


def _echo(track: Sound, rng: np.random.Generator) -> Sound:
    length = round(0.28 * RATE)
    tail = rng.standard_normal(length) * np.exp(-np.arange(length) / (0.06 * RATE)) * 0.035
    tail[0] = 1.0
    softer = np.array([0.25, 0.5, 0.25], dtype=np.float32)
    return _convolved(_convolved(track, tail.astype(np.float32)), softer)


def _room(length: int, rng: np.random.Generator) -> Sound:
    """Low hum and air: noise falling by 6 dB an octave, with a slow swell."""
    window = np.exp(-np.arange(400) / 60.0).astype(np.float32)
    air = _convolved(rng.standard_normal(length).astype(np.float32), window / window.sum())
    swell = 1 + 0.25 * np.sin(np.arange(length) / RATE * 0.7)
    return np.asarray(air * swell * 0.035, dtype=np.float32)


def _babble(sounds: list[Sound], length: int, rng: np.random.Generator) -> Sound:
    """Many voices at once, backwards, so that no word can be made out."""
    crowd = np.zeros(length, dtype=np.float32)
    for _ in range(max(12, length // RATE)):
        _add(crowd, sounds[int(rng.integers(len(sounds)))][::-1], float(rng.uniform(0, length / RATE)))
    return _convolved(crowd, np.full(14, 1 / 14, dtype=np.float32))


def _faded(sound: Sound) -> Sound:
    edge = min(len(sound) // 3, RATE)
    gain = np.ones(len(sound), dtype=np.float32)
    gain[:edge] = np.linspace(0, 1, edge)
    gain[-edge:] = np.linspace(1, 0, edge)
    return sound * gain
