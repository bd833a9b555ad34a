"""Recordings for tests: every picture carries its own number as a bar of bits, every second has a click.

Encoded with PyAV in a second or two each; nothing of it is kept.
"""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

WIDTH, HEIGHT, BITS, CELL = 320, 180, 16, 16
RATE = 25
SOUND_RATE = 48_000

CODECS = {
    ".mp4": ("libx264", "aac"),
    ".mov": ("libx264", "aac"),
    ".mkv": ("libx264", "aac"),
    ".mts": ("libx264", "aac"),
    ".webm": ("libvpx-vp9", "libopus"),
    ".avi": ("mpeg4", "mp3"),
    ".mpg": ("mpeg2video", "mp2"),
}
_FORMATS = {".mts": "mpegts", ".mpg": "mpeg"}
_OPTIONS = {
    "libx264": {"preset": "ultrafast", "bf": "2", "crf": "28"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "row-mt": "1"},
    "mpeg4": {"bf": "2"},
    "mpeg2video": {"bf": "2"},
}


def picture(number: int, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """A grey ground that slowly changes, and the number as 16 white or black cells along the top."""
    pixels = np.full((height, width, 3), 60 + number % 120, np.uint8)
    for bit in range(BITS):
        pixels[:24, bit * CELL : (bit + 1) * CELL] = 255 if number >> bit & 1 else 0
    return pixels


def number_of(pixels: memoryview, width: int, height: int, stride: int) -> int:
    """The number that a BGRA picture carries, whatever its scale."""
    rows = np.frombuffer(pixels, np.uint8).reshape(-1, stride)[:height, : width * 4]
    row = rows[int(8 * height / HEIGHT)].reshape(-1, 4)
    cells = [row[int((bit + 0.5) * CELL * width / WIDTH), 1] > 127 for bit in range(BITS)]
    return sum(1 << bit for bit, on in enumerate(cells) if on)


def clip(
    path: Path,
    seconds: float = 8,
    gop: int = 50,
    sound: bool = True,
    gaps: tuple[int, ...] = (),
    rotation: int = 0,
    codecs: tuple[str, str] | None = None,
) -> list[int]:
    """Write a clip; the milliseconds at which its pictures begin. `gaps`: pictures left out, in turn."""
    video_codec, audio_codec = codecs or CODECS[path.suffix]
    with av.open(str(path), "w", format=_FORMATS.get(path.suffix)) as target:
        video = target.add_stream(video_codec, rate=RATE, options=_OPTIONS.get(video_codec, {}))
        video.width, video.height, video.pix_fmt, video.gop_size = WIDTH, HEIGHT, "yuv420p", gop
        video.time_base = Fraction(1, RATE)
        if rotation:
            video.set_display_rotation(rotation)
        audio = target.add_stream(audio_codec, rate=SOUND_RATE, layout="stereo") if sound else None
        shown = _shown(round(seconds * RATE), gaps)
        for at, number in enumerate(shown):
            frame = av.VideoFrame.from_ndarray(picture(at), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            target.mux(video.encode(frame))
            if audio is not None:
                for packet in _sound(audio, number, shown[at + 1] if at + 1 < len(shown) else number + 1):
                    target.mux(packet)
        target.mux(video.encode(None))
        if audio is not None:
            target.mux(audio.encode(None))
    return [round(number * 1000 / RATE) for number in shown]


def _shown(count: int, gaps: tuple[int, ...]) -> list[int]:
    shown, number = [], 0
    for at in range(count):
        shown.append(number)
        number += 1 + (gaps[at % len(gaps)] if gaps else 0)
    return shown


def _sound(stream: av.AudioStream, first: int, after: int) -> list[av.Packet]:
    """The sound of the pictures `first` to `after`: a quiet tone, and 40 ms of a loud one on each second."""
    per_picture = SOUND_RATE // RATE
    packets = []
    for number in range(first, after):
        at = np.arange(number * per_picture, (number + 1) * per_picture)
        loud = 0.8 if number % RATE == 0 else 0.02
        wave = (np.sin(at * 2 * np.pi * 1000 / SOUND_RATE) * loud * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(np.repeat(wave, 2)[None, :], format="s16", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, int(at[0]), Fraction(1, SOUND_RATE)
        packets += stream.encode(frame)
    return packets


def tone(path: Path, seconds: float = 4, codec: str = "aac") -> None:
    """Write a recording that is sound alone."""
    with av.open(str(path), "w", format={".aac": "adts"}.get(path.suffix)) as target:
        stream = target.add_stream(codec, rate=SOUND_RATE, layout="stereo")
        for packet in _sound(stream, 0, round(seconds * RATE)):
            target.mux(packet)
        target.mux(stream.encode(None))


def repeat(path: Path, target_path: Path, times: int) -> None:
    """Write a recording so many times one after the other, without encoding it again."""
    with av.open(str(path)) as source, av.open(str(target_path), "w") as target:
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        length = stream.duration
        for turn in range(times):
            source.seek(0)
            for packet in source.demux(stream):
                if packet.dts is not None:
                    packet.pts, packet.dts = packet.pts + turn * length, packet.dts + turn * length
                    packet.stream = copy
                    target.mux(packet)


_STYLES = b"""[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Arial,16

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


def with_captions_inside(path: Path, target_path: Path, srt: str) -> None:
    """Copy a recording and put captions into it as a stream of text: SubRip in Matroska, timed text in MP4."""
    beside = target_path.with_suffix(".srt")
    beside.write_text(srt)
    timed_text = target_path.suffix in (".mp4", ".mov")
    with (
        av.open(str(path)) as source,
        av.open(str(beside)) as words,
        av.open(str(target_path), "w") as target,
    ):
        streams = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
        if timed_text:
            captions = target.add_stream("mov_text")
            captions.codec_context.subtitle_header = _STYLES
            captions.codec_context.time_base = Fraction(1, 1000)
        else:
            captions = target.add_stream_from_template(words.streams.subtitles[0])
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
        for packet in [one for one in words.demux() if one.size]:
            target.mux(_timed_text(packet, captions) if timed_text else _belonging(packet, captions))
    beside.unlink()


def _belonging(packet: av.Packet, stream: av.stream.Stream) -> av.Packet:
    packet.stream = stream
    return packet


def _timed_text(packet: av.Packet, stream: av.stream.Stream) -> av.Packet:
    """3GPP timed text: the length in two bytes, then the words."""
    words = bytes(packet)
    made = av.Packet(len(words).to_bytes(2, "big") + words)
    made.pts = made.dts = packet.pts
    made.duration, made.time_base = packet.duration, packet.time_base
    return _belonging(made, stream)


NTSC = Fraction(30_000, 1001)
"""Pictures a second of television in America, and of many phones: no picture begins at a whole millisecond."""

_SLOWER = {
    "libx264": {"preset": "veryfast", "bf": "3", "crf": "28", "x264-params": "open-gop=1:b-pyramid=normal"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=none:bframes=3:open-gop=1"},
    "libsvtav1": {"preset": "12", "svtav1-params": "lp=1"},
}


def film(path: Path, codec: str, ticks: list[int], gop: int = 24, open_in_avi: bool = False) -> None:
    """Write pictures alone, B pictures and open groups among them; each begins so many ticks of 1/29.97 s in."""
    with av.open(str(path), "w", format=_FORMATS.get(path.suffix)) as target:
        options = _SLOWER.get(codec) or _OPTIONS.get(codec, {})
        if path.suffix == ".avi" and codec == "libx264" and not open_in_avi:
            # With open groups nothing in an AVI tells which picture a group begins with.
            options = options | {"x264-params": "b-pyramid=normal"}
        video = target.add_stream(codec, rate=NTSC, options=options)
        video.width, video.height, video.pix_fmt, video.gop_size = WIDTH, HEIGHT, "yuv420p", gop
        video.codec_context.time_base = 1 / NTSC
        for number, tick in enumerate(ticks):
            frame = av.VideoFrame.from_ndarray(picture(number), format="rgb24")
            frame.pts, frame.time_base = tick, 1 / NTSC
            target.mux(video.encode(frame))
        target.mux(video.encode(None))


def decoded_straight(path: Path) -> list[tuple[Fraction, int]]:
    """What PyAV decodes from beginning to end: milliseconds from the first picture to each, and its number."""
    with av.open(str(path)) as source:
        video = source.streams.video[0]
        shown = [(frame.pts * video.time_base * 1000, _number(frame)) for frame in source.decode(video)]
    return [(start - shown[0][0], number) for start, number in shown]


def _number(frame: av.VideoFrame) -> int:
    pixels = frame.to_ndarray(format="bgra")
    return number_of(memoryview(pixels.tobytes()), frame.width, frame.height, frame.width * 4)


def shifted(path: Path, target_path: Path, ticks: int) -> None:
    """Copy pictures, each so many ticks of 1/29.97 s later; or earlier, and an MP4 hides those before zero."""
    with av.open(str(path)) as source, av.open(str(target_path), "w") as target:
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        by = round(ticks / NTSC / stream.time_base)
        for packet in source.demux(stream):
            if packet.dts is not None:
                packet.pts, packet.dts, packet.stream = packet.pts + by, packet.dts + by, copy
                target.mux(packet)
