"""From the act to the first page on the screen, against Okular and Evince; and from one submission to another.

What is timed is what a person waits for. There: from starting the viewer with the plain file to the page's colour on
the screen. Here: the desk is open, as it is while one assesses; from choosing the artifact, which opens the sealed
file, to the same colour. For comparison also from starting our program, its desk unlocked, to that colour. All are seen
in the same way, on a screen of their own whose pixels are read without asking any of the programs.
"""

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import harness
from evidence_desk import make_desk
from harness import Measure, Timed
from long_pdf import BAND, long_pdf, photograph
from our_evidence import Window, our_window
from screen import Screen, missing, screen

PEERS = ("okular", "evince")
KEY_TO_EVIDENCE = 0.150
"""Seconds from the key to the first evidence of another submission."""

_PDF, _NOTES = 0, 1


@contextlib.contextmanager
def measures(folder: Path) -> Iterator[list[Measure]]:
    """None where there is no such screen; only those viewers that are installed."""
    if why := missing():
        print(why, file=sys.stderr)
        yield []
        return
    plain = folder / "portfolio.pdf"
    plain.write_bytes(long_pdf())
    picture, green = photograph()
    submissions = [
        [("portfolio.pdf", long_pdf()), ("notes.txt", b"Words alone.\n")],
        [("board.jpg", picture), ("notes.txt", b"Words alone.\n")],
    ]
    key = make_desk(folder / "desk", submissions)
    shutil.copytree(folder / "desk", folder / "another")
    with screen(folder / "screen") as shown:
        surroundings = {**harness.surroundings(), **shown.surroundings}
        with our_window(folder / "desk", key, surroundings) as window:
            window.until_done()
            window.do("first")
            shown.wait(BAND)
            table = _Table(window, shown, surroundings, plain)
            # A submission opens where it was left: the switches come before what leaves the words in front, and the
            # PDF last of them, since it is what is chosen next.
            yield [
                Measure(
                    "to another submission: key to a photograph / 150 ms", *table.switching(green), 1.0, 20
                ),
                Measure("to another submission: key to a PDF / 150 ms", *table.switching(BAND), 1.0, 20),
                *table.against_peers("the PDF chosen in our window", table.choosing),
                *table.against_peers(
                    "our program started, its desk unlocked",
                    lambda: table.starting_ours(folder / "another", key),
                ),
            ]


@dataclass(frozen=True)
class _Table:
    """One window that stays, and what is started beside it."""

    window: Window
    shown: Screen
    surroundings: Mapping[str, str]
    plain: Path

    def against_peers(self, name: str, ours: Timed) -> Iterator[Measure]:
        for peer in PEERS:
            if shutil.which(peer):
                yield Measure(f"{name} / {peer}", lambda peer=peer: self.starting(peer), ours, 1.0, 6)  # type: ignore[misc]
            else:
                print(f"{peer} is not installed: nothing was held against it", file=sys.stderr)

    def choosing(self) -> float:
        """From the words alone to the PDF."""
        self._show_words()
        start = time.perf_counter()
        self.window.say(f"open {_PDF}")
        return self.shown.wait(BAND) - start

    def starting(self, peer: str) -> float:
        """Another program with the plain file."""
        self._show_words()
        start = time.perf_counter()
        with subprocess.Popen(
            [peer, self.plain],
            env=dict(self.surroundings),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                return self.shown.wait(BAND) - start
            finally:
                process.terminate()
                process.wait()
                self.shown.wait(BAND, shown=False)

    def starting_ours(self, folder: Path, key: bytes) -> float:
        """Our program with a desk of its own."""
        self._show_words()
        start = time.perf_counter()
        with our_window(folder, key, self.surroundings) as another:
            another.until_done()
            another.say("first")
            taken = self.shown.wait(BAND) - start
        self.shown.wait(BAND, shown=False)
        return taken

    def switching(self, colour: tuple[int, int, int]) -> tuple[Timed, Timed]:
        """The aim, and from a key to the colour of the first evidence of the other submission."""

        def ours() -> float:
            if self.shown.shows(colour):
                self.window.say("switch")
                self.shown.wait(colour, shown=False)
                time.sleep(0.3)
            start = time.perf_counter()
            self.window.say("switch")
            taken = self.shown.wait(colour) - start
            time.sleep(0.3)
            return taken

        return lambda: KEY_TO_EVIDENCE, ours

    def _show_words(self) -> None:
        self.window.say(f"open {_NOTES}")
        self.shown.wait(BAND, shown=False)
