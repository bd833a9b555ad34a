"""Recordings from the vault, in the media worker: against mpv on the plain file, and against ourselves on it.

Seeks go to moments drawn at random, the same for all, in turns; what is timed ends when the exact picture is there, on
our side scaled to a window and handed over. The first picture is from a file that was closed, by a program that runs:
mpv is idle, a worker stands ready, as beside an open window. Where mpv is missing, its lines are, too.

Plain "mpv" shows nothing: it decodes, and neither scales nor hands over, which our side does. "mpv scaling" does the
same work up to the window's pixels. The aim is against plain mpv; what both do to the end is printed beside it. After
each turn both sides come to rest, because either goes on decoding beyond what it shows.

Dragging is done in strokes, a move every 50 ms until the hand lets go: in turns, each move would find the other side's
exact picture being decoded, which no hand does. "MB" lines show megabytes where others show milliseconds: the window
and its worker together, against the window before, and against the pass before.
"""

import contextlib
import queue
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from footage import PICTURE_MS, PICTURES, footage, looped
from harness import Measure, Timed
from mpv import Mpv, installed

from assessor_desk.artifacts.media import MediaClient, MediaHandle
from assessor_desk.artifacts.media.client import Event
from assessor_desk.artifacts.vault import Vault

HERE = Path(__file__).resolve().parent
LENGTHS = {"10 min": 10 * 60, "2 h": 2 * 60 * 60}
WINDOW = (1120, 630)
SEEKS, OPENINGS, MOVES = 40, 6, 100
READY_SECONDS = 1.5
SETTLE_SECONDS = 0.15
MOVE_SECONDS, STROKE = 0.05, 20
THUMBNAILS, THUMBNAIL_WIDTH = 20, 160
PLAYED_SECONDS, RATE, PASSES = 60, 2, 3


@contextlib.contextmanager
def measures(folder: Path) -> Iterator[Iterator[Measure]]:
    """Two recordings, looped from one; each sealed into a vault."""
    footage(folder / "part.mp4")
    vault = Vault(folder / "vault")
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(contextlib.closing(MediaClient()))
        client.start()
        rivals: dict[str, Mpv] = {}
        if installed():
            rivals = {
                "mpv": stack.enter_context(Mpv(folder)),
                "mpv scaling": stack.enter_context(Mpv(folder, WINDOW)),
            }
        else:
            print("mpv is not installed: nothing is compared with it.", file=sys.stderr)
        yield _all(client, vault, folder, rivals)


def _all(client: MediaClient, vault: Vault, folder: Path, rivals: dict[str, Mpv]) -> Iterator[Measure]:
    for title, seconds in LENGTHS.items():
        plain = folder / f"{seconds}.mp4"
        duration = looped(folder / "part.mp4", plain, seconds * 1000 // (PICTURES * PICTURE_MS))
        with plain.open("rb") as file:
            sealed = vault.write(file, plain.stat().st_size)
        footing = Footing(client, plain, vault.path(sealed.digest), sealed.key, duration, rivals)
        yield from footing.measures(title)
    yield from footing.alone()


@dataclass
class Player:
    """Our pipeline on one file, without a window."""

    client: MediaClient
    path: Path
    key: bytes
    handle: MediaHandle | None = None
    events: "queue.Queue[Event]" = field(default_factory=queue.Queue)

    @property
    def opened(self) -> bool:
        """Whether its file is open."""
        return self.handle is not None

    def begin(self) -> float:
        """Open the file and show its first picture."""
        start = time.perf_counter()
        self.handle = self.client.open(self.path, self.key, "lesson.mp4")
        self.handle.listen_to(self.events.put)
        self.handle.fit(*WINDOW)
        self.handle.survey()
        self.show(0)
        return time.perf_counter() - start

    def end(self) -> None:
        """Close it, and let another worker get ready."""
        if self.handle is not None:
            self.handle.close()
            self.handle = None
            self.events = queue.Queue()
        self.client.start()
        time.sleep(READY_SECONDS)

    def show(self, ms: int) -> float:
        """Show the exact picture at a moment."""
        return self._shown(ms, scrubbing=False)

    def drag(self, ms: int) -> float:
        """Show any picture for a moment on the way, then rest until the next move is due."""
        taken = self._shown(ms, scrubbing=True)
        time.sleep(max(0.0, MOVE_SECONDS - taken))
        return taken

    def thumbnails(self, duration: int) -> float:
        """Small pictures from everywhere."""
        assert self.handle is not None
        start = time.perf_counter()
        for number in range(THUMBNAILS):
            self.handle.glance(duration * number // THUMBNAILS, THUMBNAIL_WIDTH)
            self._await(lambda event: event.name == "glance")
        return time.perf_counter() - start

    def _shown(self, ms: int, scrubbing: bool) -> float:
        assert self.handle is not None
        start = time.perf_counter()
        serial = self.handle.show(ms, scrubbing=scrubbing)
        event = self._await(lambda event: event.name == "picture" and event.serial == serial)
        assert not event.facts["exact"] or event.ms == ms // PICTURE_MS * PICTURE_MS
        return time.perf_counter() - start

    def _await(self, wanted: Callable[[Event], bool]) -> Event:
        assert self.handle is not None
        while True:
            event = self.events.get(timeout=30)
            found = wanted(event)
            if event.name == "picture":
                self.handle.free(event, None)
            if found:
                return event


class Taken:
    """Both sides' seconds, kept: a percentile is of the same turns as the median."""

    def __init__(self, floor: Timed, ours: Timed) -> None:
        self._sides = (floor, ours)
        self._kept: tuple[list[float], list[float]] = ([], [])

    def measure(self, name: str, aim: float, rounds: int, limit_ms: float | None = None) -> Measure:
        """The medians, measured now."""
        floor, ours = (self._timed(side) for side in (0, 1))
        return Measure(name, floor, ours, aim, rounds, limit_ms)

    def high(self, name: str, aim: float, rounds: int) -> Measure:
        """The 95th percentiles of what was measured before."""
        floor, ours = (self._again(side) for side in (0, 1))
        return Measure(f"{name}, p95", floor, ours, aim, rounds, percentile=95)

    def _timed(self, side: int) -> Timed:
        def timed() -> float:
            self._kept[side].append(self._sides[side]())
            return self._kept[side][-1]

        return timed

    def _again(self, side: int) -> Timed:
        turns = iter(())

        def again() -> float:
            nonlocal turns
            taken = next(turns, None)
            if taken is None:
                turns = iter(self._kept[side])
                taken = next(turns)
            return taken

        return again


@dataclass
class Footing:
    """One recording, plain and sealed, and who shows it."""

    client: MediaClient
    plain: Path
    sealed: Path
    key: bytes
    duration: int
    rivals: dict[str, Mpv]

    def measures(self, title: str) -> Iterator[Measure]:
        """First picture and exact seeks, against the plain file and mpv."""
        floors: list[tuple[str, float, Player | MpvPlayer]] = [("plain file", 1.1, self._on_plain())]
        floors += [(name, 0.9, MpvPlayer(mpv, self.plain)) for name, mpv in self.rivals.items()]
        for against, aim, floor in floors:
            ours = self._on_sealed()
            first = Taken(lambda floor=floor: opened(floor), lambda ours=ours: opened(ours))
            seeks = Taken(self._seek(floor), self._seek(ours))
            name = f"{title}, vault / {against}"
            yield first.measure(f"first picture, {name}", aim, OPENINGS)
            yield seeks.measure(f"exact seek, {name}", aim, SEEKS)
            yield seeks.high(f"exact seek, {name}", aim, SEEKS)
            floor.end()
            ours.end()

    def alone(self) -> Iterator[Measure]:
        """What mpv has no match for; memory is beside the window before, and has megabytes for milliseconds."""
        plain, ours = self._on_plain(), self._on_sealed()
        moved = Taken(self._drag(plain), self._drag(ours))
        yield moved.measure("dragging on 2 h, vault / plain file", 1.1, MOVES, limit_ms=50)
        small = Taken(
            lambda: begun(plain).thumbnails(self.duration), lambda: begun(ours).thumbnails(self.duration)
        )
        yield small.measure("20 thumbnails of 2 h, vault / plain file", 1.1, 5, limit_ms=2000)
        plain.end()
        ours.end()
        before, first, second, third = megabytes(self.sealed, self.key)
        yield Measure("MB, 2 h at 2× for a minute / empty window", lambda: before, lambda: first, 6.0, 1)
        yield Measure("MB, the same once more / the first time", lambda: first, lambda: second, 1.1, 1)
        yield Measure("MB, a third time / the second time", lambda: second, lambda: third, 1.05, 1)

    def _on_plain(self) -> Player:
        return Player(self.client, self.plain, b"")

    def _on_sealed(self) -> Player:
        return Player(self.client, self.sealed, self.key)

    def _seek(self, player: "Player | MpvPlayer") -> Timed:
        choice = random.Random(3)

        def seek() -> float:
            taken = begun(player).show(choice.randrange(self.duration))
            time.sleep(SETTLE_SECONDS)
            return taken

        return seek

    def _drag(self, player: Player) -> Timed:
        """Moves of a hand: now slow, now fast, now back."""
        choice, at = random.Random(5), self.duration // 2
        taken: list[float] = []

        def move() -> float:
            nonlocal at
            if not taken:
                for _ in range(STROKE):
                    at = (at + choice.randrange(-20_000, 60_000)) % self.duration
                    taken.append(begun(player).drag(at))
                player.show(at)
                time.sleep(SETTLE_SECONDS)
            return taken.pop(0)

        return move


@dataclass
class MpvPlayer:
    """mpv on one file."""

    mpv: Mpv
    path: Path
    opened: bool = False

    def begin(self) -> float:
        """Open the file and show its first picture."""
        self.opened = True
        return self.mpv.begin(self.path)

    def end(self) -> None:
        """Close it."""
        if self.opened:
            self.mpv.stop()
            self.opened = False

    def show(self, ms: int) -> float:
        """Show the exact picture at a moment."""
        return self.mpv.show(ms)


Anyone = TypeVar("Anyone", Player, MpvPlayer)


def begun(player: Anyone) -> Anyone:
    """The player, with its file open."""
    if not player.opened:
        player.begin()
    return player


def opened(player: Player | MpvPlayer) -> float:
    """Seconds to the first picture of a closed file."""
    taken = player.begin()
    player.end()
    return taken


def megabytes(path: Path, key: bytes) -> tuple[float, ...]:
    """Thousands of megabytes: the window before, and at most while playing, on each of three passes."""
    asked = [str(path), *map(str, WINDOW), str(PLAYED_SECONDS), str(RATE), str(PASSES)]
    command = [sys.executable, str(HERE / "played.py"), *asked]
    told = subprocess.run(command, input=key.hex(), capture_output=True, text=True, check=True).stdout
    return tuple(float(word) / 1000 for word in told.split())
