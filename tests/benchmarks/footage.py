"""Footage for the measures: a room's worth of detail that moves, 1080p, 25 pictures a second, a key frame every 250."""

from pathlib import Path

import av
import numpy as np

WIDTH, HEIGHT, PACE, KEY_EVERY = 1920, 1080, 25, 250
PICTURES = 500
PICTURE_MS = 1000 // PACE


def footage(path: Path, pictures: int = PICTURES) -> None:
    """Encode some seconds of it, as x264 does by default."""
    chance = np.random.default_rng(4)
    room = _room(chance)
    grain = [chance.integers(0, 9, (HEIGHT, WIDTH), dtype=np.uint8) for _ in range(5)]
    planes = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
    with av.open(str(path), "w") as target:
        stream = target.add_stream("libx264", rate=PACE, options={"preset": "veryfast", "crf": "22"})
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = WIDTH, HEIGHT, "yuv420p", KEY_EVERY
        stream.thread_type = "AUTO"
        for number in range(pictures):
            planes[:HEIGHT] = np.roll(room, number * 3, 1)[:, :WIDTH] + grain[number % 5]
            left = number * 11 % 1600
            planes[400:700, left : left + 200] = 235 - planes[400:700, left : left + 200]
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts = number
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))


def _room(chance: np.random.Generator) -> np.ndarray:
    """Soft patches with fine texture on them."""
    patches = np.kron(chance.integers(40, 190, (68, 121)), np.ones((16, 16)))[:HEIGHT]
    soft = (patches + np.roll(patches, 8, 1) + np.roll(patches, 8, 0) + np.roll(patches, 5, 1)) / 4
    return np.asarray((soft + chance.normal(0, 2, soft.shape)).clip(16, 220), np.uint8)


def looped(source_path: Path, path: Path, times: int) -> int:
    """The same again and again, copied without encoding; its length in milliseconds."""
    with av.open(str(source_path)) as source, av.open(str(path), "w") as target:
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
        return round(times * length * stream.time_base * 1000)
