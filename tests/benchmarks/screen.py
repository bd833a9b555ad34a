"""A screen of our own (Xvfb) whose pixels can be read at any time without asking anybody: they are a file in memory."""

import contextlib
import mmap
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

POLL_SECONDS = 0.001
_SIZE = (1366, 768)
_ROW, _EVERY = 4 * _SIZE[0], 8
"""Bytes of a row. What is looked for is higher than eight rows, so each eighth is read: reading all of them keeps a
core busy that the program measured, its worker and the screen need themselves."""


def missing() -> str:
    """What is not installed here, in words; empty where all is."""
    return "" if shutil.which("Xvfb") else "Xvfb is not installed, so nothing was held against other programs"


class Screen:
    """Looks for a colour, as a person would for the page."""

    def __init__(self, display: str, memory: mmap.mmap) -> None:
        self.surroundings = {
            **os.environ,
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "GDK_BACKEND": "x11",
        }
        self._memory = memory

    def shows(self, colour: tuple[int, int, int]) -> bool:
        """Whether there is a row of pixels of this red, green, blue."""
        red, green, blue = colour
        pixels = bytes((blue, green, red, 0)) * 2, bytes((blue, green, red, 255)) * 2
        for start in range(0, len(self._memory), _EVERY * _ROW):
            row = self._memory[start : start + _ROW]
            if any(pixel[:7] in row for pixel in pixels):
                return True
        return False

    def wait(self, colour: tuple[int, int, int], shown: bool = True, seconds: float = 30) -> float:
        """When the colour is there (or is there no more); raises where it never is."""
        end = time.perf_counter() + seconds
        while self.shows(colour) is not shown:
            if time.perf_counter() > end:
                raise RuntimeError(f"the page was {'never' if shown else 'always'} seen")
            time.sleep(POLL_SECONDS)
        return time.perf_counter()


@contextlib.contextmanager
def screen(folder: Path) -> Iterator[Screen]:
    """A screen of 1366 × 768, as long as it is needed."""
    folder.mkdir(parents=True, exist_ok=True)
    read, write = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(write),
        "-screen",
        "0",
        f"{_SIZE[0]}x{_SIZE[1]}x24",
        "-fbdir",
        str(folder),
        "-nolisten",
        "tcp",
    ]
    process = subprocess.Popen(
        command, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(write)
    try:
        with os.fdopen(read) as told:
            display = ":" + told.readline().strip()
        with (folder / "Xvfb_screen0").open("r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
            yield Screen(display, memory)
    finally:
        process.terminate()
        process.wait()
