"""Large things that tests need and nobody keeps: each function makes one in a given folder, in seconds.

The video repeats encoded packets instead of encoding gigabytes; the PDFs share one picture among their pages.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import cast

import av
import numpy as np
import pikepdf
from av.audio.stream import AudioStream
from av.video.stream import VideoStream
from PIL import Image

#: A quarter turn to the right for players: nine 32-bit numbers, row by row (ISO/IEC 14496-12, track header box).
QUARTER_TURN = ((0, 1 << 16, 0), (-(1 << 16), 0, 0), (0, 0, 1 << 30))
TICKS = 90_000


def phone_video(folder: Path, size: int = 1_000_000_000) -> Path:
    """A video of `size` bytes or a little more as a phone makes it: turned by its display matrix, at a variable frame
    rate, with sound and its index at the end. A gigabyte lasts about eight minutes.

    Two seconds of noise are encoded once; their packets are repeated with later times. Times are never evenly spaced:
    every seventh frame is late, and they drift a little.
    """
    folder.mkdir(parents=True, exist_ok=True)
    loop, path = folder / "loop.mp4", folder / "phone.mp4"
    _encode_loop(loop)
    _repeat(loop, path, size)
    loop.unlink()
    _turn(path)
    return path


def pdf(folder: Path, pages: int, pictures: bool = True) -> Path:
    """A PDF of so many pages, each with a heading of its own, lines of text and one picture shared by all."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{pages}-pages.pdf"
    with pikepdf.new() as document:
        font = document.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
            )
        )
        resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        if pictures:
            resources.XObject = pikepdf.Dictionary(Im1=_picture(document))
        for number in range(1, pages + 1):
            page = document.add_blank_page(page_size=(612, 792))
            page.Resources = resources
            page.Contents = document.make_stream(_page_content(number, pages, pictures))
        document.save(path)
    return path


def sixty_pages(folder: Path) -> Path:
    """A lesson binder of 60 pages."""
    return pdf(folder, 60)


def two_hundred_pages(folder: Path) -> Path:
    """The PDF of the first-page benchmark: 200 pages."""
    return pdf(folder, 200)


def submission_folder(
    folder: Path, artifacts: int = 40, rubric_id: str = "formative-assessment-math"
) -> Path:
    """A folder for `hub import` with one submission (40AF-01) of so many pictures, PDFs and texts."""
    files = folder / "files" / "40AF-01"
    files.mkdir(parents=True, exist_ok=True)
    rows = [
        ("40AF-01", *_artifact(files, number), "", f"Piece {number} of {artifacts}", "")
        for number in range(1, artifacts + 1)
    ]
    _csv(folder / "artifacts.csv", ("submission_key", "part", "file", "link", "label", "captions"), rows)
    heads = (
        "submission_key",
        "educator_key",
        "name",
        "micro_credential",
        "attempt",
        "draft",
        "district",
        "language",
        "permission_attested",
    )
    _csv(
        folder / "submissions.csv",
        heads,
        [("40AF-01", "ED-4000", "Ottoline Featherstonehaugh", rubric_id, "1", "no", "Lakeside", "en", "yes")],
    )
    return folder


def _encode_loop(path: Path) -> None:
    """Two seconds of 1920×1080 noise at a phone's bit rate, closed at its end, with a tone."""
    chance = np.random.default_rng(1)
    blocks = chance.integers(0, 256, (20, 27, 48, 3), dtype=np.uint8)
    with av.open(str(path), "w") as container:
        options = {"preset": "ultrafast", "tune": "zerolatency", "maxrate": "20M", "bufsize": "4M"}
        pictures = container.add_stream("libx264", rate=30, options=options)
        pictures.width, pictures.height, pictures.pix_fmt, pictures.gop_size = 1920, 1080, "yuv420p", 30
        pictures.bit_rate = 17_000_000
        sound = container.add_stream("aac", rate=48_000, layout="mono")
        for number in range(60):
            block = np.repeat(np.repeat(blocks[number % 20], 40, axis=0), 40, axis=1)
            frame = av.VideoFrame.from_ndarray(block, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 30)
            container.mux(pictures.encode(frame))
        container.mux(pictures.encode())
        tone = (0.1 * np.sin(np.arange(96_256) * 0.05)).astype(np.float32)
        for start in range(0, len(tone), 1024):
            block_of_sound = av.AudioFrame.from_ndarray(
                tone[None, start : start + 1024], format="fltp", layout="mono"
            )
            block_of_sound.sample_rate, block_of_sound.pts, block_of_sound.time_base = (
                48_000,
                start,
                Fraction(1, 48_000),
            )
            container.mux(sound.encode(block_of_sound))
        container.mux(sound.encode())


def _repeat(loop: Path, path: Path, size: int) -> None:
    """Write the loop's packets again and again, with new times, until the file has the wanted size."""
    with (
        av.open(str(loop)) as source,
        av.open(str(path), "w", options={"video_track_timescale": str(TICKS)}) as target,
    ):
        video_in, sound_in = source.streams.video[0], source.streams.audio[0]
        video, sound = target.add_stream_from_template(video_in), target.add_stream_from_template(sound_in)
        pictures = [(bytes(packet), packet.is_keyframe) for packet in source.demux(video_in) if packet.size]
        source.seek(0)
        sounds = [bytes(packet) for packet in source.demux(sound_in) if packet.size]
        frame, heard, written = 0, 0, 0
        while written < size:
            for data, key in pictures:
                target.mux(_packet(data, video, _uneven(frame), Fraction(1, TICKS), key))
                frame += 1
                written += len(data)
                while heard * 1024 / 48_000 < frame / 30:
                    target.mux(
                        _packet(sounds[heard % len(sounds)], sound, heard * 1024, Fraction(1, 48_000), True)
                    )
                    heard += 1


def _uneven(frame: int) -> int:
    """When a frame is shown, in ticks: a thirtieth of a second apart on average, never evenly."""
    late = 1100 if frame % 7 == 3 else 0
    skipped = frame // 51
    return frame * TICKS // 30 + late + skipped * 40


def _packet(
    data: bytes, stream: VideoStream | AudioStream, time: int, base: Fraction, key: bool
) -> av.Packet[VideoStream | AudioStream]:
    packet = cast("av.Packet[VideoStream | AudioStream]", av.Packet(data))
    packet.stream = stream
    packet.pts = packet.dts = time
    packet.time_base = base
    packet.is_keyframe = key
    return packet


def _turn(path: Path) -> None:
    """Write a display matrix into the header of the video track, in place."""
    with path.open("r+b") as file:
        for kind, start, end in _boxes(file, 0, path.stat().st_size):
            if kind == b"moov":
                header = next(box for box in _boxes_in_tracks(file, start, end))
                file.seek(
                    header + 4 + 36
                )  # version and flags, then the fields of version 0 before the matrix
                file.write(
                    b"".join(value.to_bytes(4, "big", signed=True) for row in QUARTER_TURN for value in row)
                )
                return


def _boxes_in_tracks(file: object, start: int, end: int) -> Iterator[int]:
    """The places of the track headers' contents within a movie box."""
    for kind, inner, inner_end in _boxes(file, start, end):
        if kind == b"trak":
            yield from _boxes_in_tracks(file, inner, inner_end)
        elif kind == b"tkhd":
            yield inner


def _boxes(file, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:  # type: ignore[no-untyped-def]
    """Kind, start of content and end of each box between two places (ISO/IEC 14496-12)."""
    while start + 8 <= end:
        file.seek(start)
        size, kind, content = int.from_bytes(file.read(4), "big"), file.read(4), start + 8
        if size == 1:
            size, content = int.from_bytes(file.read(8), "big"), start + 16
        stop = start + size if size else end
        yield kind, content, stop
        start = stop


def _picture(document: pikepdf.Pdf) -> pikepdf.Object:
    noise = np.random.default_rng(2).integers(120, 255, (60, 100, 3), dtype=np.uint8)
    stream = BytesIO()
    Image.fromarray(noise).resize((1600, 960), Image.Resampling.BICUBIC).save(stream, "JPEG", quality=80)
    return document.make_stream(
        stream.getvalue(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=1600,
        Height=960,
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )


def _page_content(number: int, pages: int, pictures: bool) -> bytes:
    lines = [f"BT /F1 20 Tf 60 730 Td (Lesson {number} of {pages}) Tj ET"]
    task = f"find three quarters of {number * 4}."
    lines += [
        f"BT /F1 11 Tf 60 {700 - row * 15} Td (Page {number}, line {row + 1}: {task}) Tj ET"
        for row in range(24)
    ]
    if pictures:
        lines.append("q 480 0 0 288 60 40 cm /Im1 Do Q")
    return "\n".join(lines).encode("ascii")


def _artifact(files: Path, number: int) -> tuple[str, str]:
    """Make one artifact; its part and file name."""
    if number == 1:
        (files / "overview.md").write_text(
            "# Overview\n\nForty pieces, so that a long list can be seen.\n", encoding="utf-8"
        )
        return "overview", "overview.md"
    if number == 2:
        (files / "reflection.md").write_text("# Reflection\n\nWritten after the lesson.\n", encoding="utf-8")
        return "reflection", "reflection.md"
    if number % 5 == 0:
        made = pdf(files, 2 + number % 4)
        made.rename(files / f"piece-{number:02}.pdf")
        return "work", f"piece-{number:02}.pdf"
    tint = (200, 120 + number * 3, 255 - number * 4)
    Image.new("RGB", (640, 480), tint).save(files / f"piece-{number:02}.jpg")
    return "work", f"piece-{number:02}.jpg"


def _csv(path: Path, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(heads)
        writer.writerows(rows)
