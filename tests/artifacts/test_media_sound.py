"""Sound at any rate: its pitch stays, and each second of it is heard when its picture is shown."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from tests.artifacts.media_clips import SOUND_RATE, tone

from assessor_desk.artifacts.media.recording import Place
from assessor_desk.artifacts.media.sounds import pcm

RATES = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
MINUTE = 60


def _heard(path: Path, rate: float, ms: int = 0) -> np.ndarray:
    """The left channel, from -1 to 1."""
    data = b"".join(pcm(Place(path, b"", path.name), Fraction(0), ms, rate, SOUND_RATE))
    return np.frombuffer(data, np.int16)[::2] / 32768


def _pure(path: Path, hertz: float, seconds: int) -> None:
    with av.open(str(path), "w") as target:
        stream = target.add_stream("pcm_s16le", rate=SOUND_RATE, layout="stereo")
        at = np.arange(seconds * SOUND_RATE)
        wave = (np.sin(2 * np.pi * hertz * at / SOUND_RATE) * 16_000).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(np.repeat(wave, 2)[None, :], format="s16", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, 0, Fraction(1, SOUND_RATE)
        target.mux(stream.encode(frame))
        target.mux(stream.encode(None))


def _pitch(heard: np.ndarray) -> float:
    """The strongest frequency, between the lines of the spectrum by the parabola through the highest three."""
    spectrum = np.log(np.abs(np.fft.rfft(heard * np.hanning(len(heard)))) + 1e-9)
    top = int(spectrum.argmax())
    below, at, above = spectrum[top - 1 : top + 2]
    return (top + (below - above) / (2 * (below - 2 * at + above))) * SOUND_RATE / len(heard)


@pytest.mark.parametrize("rate", RATES)
def test_a_tone_of_440_hertz_stays_one(rate: float, tmp_path: Path) -> None:
    _pure(tmp_path / "a.wav", 440, 6)
    heard = _heard(tmp_path / "a.wav", rate)
    assert abs(_pitch(heard[SOUND_RATE // 2 : SOUND_RATE // 2 + 2 * SOUND_RATE]) - 440) < 1


@pytest.mark.long
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(
    ("name", "codec"), [("talk.m4a", "aac"), ("talk.mp3", "mp3"), ("talk.ogg", "libopus")]
)
def test_over_a_minute_sound_does_not_drift_from_the_clock(
    name: str, codec: str, rate: float, tmp_path: Path
) -> None:
    tone(tmp_path / name, MINUTE, codec)
    heard = _heard(tmp_path / name, rate)
    loud = np.abs(heard) > 0.4
    late = [_first(loud, second / rate) - second / rate for second in range(1, MINUTE)]
    assert max(late) - min(late) < 0.045
    assert abs(np.mean(late[-10:]) - np.mean(late[:10])) < 0.015


def test_sound_that_begins_after_the_moment_asked_for_is_whole(tmp_path: Path) -> None:
    tone(tmp_path / "talk.mp3", 12, "mp3")
    assert abs(len(_heard(tmp_path / "talk.mp3", 1.0)) / SOUND_RATE - 12) < 0.1


def _first(loud: np.ndarray, second: float) -> float:
    """When it gets loud around that second."""
    start = round((second - 0.2) * SOUND_RATE)
    found = np.flatnonzero(loud[start : start + round(0.4 * SOUND_RATE)])
    assert len(found)
    return float(start + found[0]) / SOUND_RATE


@pytest.mark.parametrize(
    ("name", "codec"), [("a.flac", "flac"), ("a.mka", "flac"), ("a.webm", "libopus"), ("a.wav", "pcm_s24le")]
)
def test_more_kinds_of_sound_begin_where_they_are_asked_to(name: str, codec: str, tmp_path: Path) -> None:
    tone(tmp_path / name, 4, codec)
    heard = _heard(tmp_path / name, 1.0, 1500)
    assert abs(len(heard) / SOUND_RATE - 2.5) < 0.1
    assert abs(np.flatnonzero(np.abs(heard) > 0.4)[0] / SOUND_RATE - 0.5) < 0.045
