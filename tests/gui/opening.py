"""Opening files in the real window, one after another, with a watch on how long the main thread stands still."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Qt, QTimer
from pytestqt.qtbot import QtBot
from tests.gui.assessing.making import Given, Template, assign
from tests.gui.conftest import Open, opened_window

from assessor_desk.desk import Desk
from assessor_desk.gui.controls import EmptyState
from assessor_desk.gui.tasks import Tasks

BEAT_MS = 5
AIM_MS = 100
MOST_BY_FLOOR = 3
"""How many times the work of opening a sound file any other may make in one turn of the event loop."""

SHOWN_WITHIN_MS = 60_000
PATIENCE_SECONDS = 3.0
"""How long a reader of documents may take over a file here; the window itself waits longer before it gives one up."""

OPENING = ("Opening…", "")


@dataclass(frozen=True, order=True)
class Stall:
    """Milliseconds between two beats: those in which the main thread worked, and those that passed."""

    worked: float
    passed: float
    doing: str

    def __str__(self) -> str:
        return f"{self.worked:.0f} of {self.passed:.0f} ms ({self.doing})"


class Heart(QObject):
    """A timer of the main thread that notes the longest time between two of its beats.

    What other programs take of the processor makes time pass, but no work of ours.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stalls: list[Stall] = []
        self.doing = ""
        self._last = time.perf_counter(), time.thread_time()
        self._timer = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        self._last = time.perf_counter(), time.thread_time()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _beat(self) -> None:
        now = time.perf_counter(), time.thread_time()
        passed, worked = ((end - begin) * 1000 for begin, end in zip(self._last, now))
        self.stalls.append(Stall(worked, passed - BEAT_MS, self.doing))
        self._last = now

    def tell(self) -> None:
        """Say how long the main thread worked or stood still, for whoever runs the tests with `-s`."""
        worst = ", ".join(map(str, sorted(self.stalls, reverse=True)[:5]))
        worked, passed = (
            sum(one > AIM_MS for one in found)
            for found in ((each.worked for each in self.stalls), (each.passed for each in self.stalls))
        )
        print(f"\nlongest turns of the main thread, milliseconds of work of those that passed: {worst}")
        print(f"of {len(self.stalls)} beats {worked} after more than {AIM_MS} ms of work, {passed} of time")

    @property
    def longest(self) -> Stall:
        """By the main thread's work."""
        return max(self.stalls, default=Stall(0.0, 0.0, ""))


@dataclass
class Shown:
    """What became of a file: `view` of a kind, or a `sentence`; seconds it took."""

    name: str
    view: str
    sentence: str
    seconds: float


@dataclass
class Opener:
    """A window in which files are opened, and what was seen of each."""

    opened: Open
    qtbot: QtBot
    heart: Heart = field(default_factory=Heart)
    seen: list[Shown] = field(default_factory=list)

    def open(self, artifact_id: str, name: str) -> Shown:
        """Bring one artifact to the front and wait until there is a view or a sentence."""
        evidence = self.opened.workbench.evidence
        self.heart.doing, began = name, time.perf_counter()
        evidence.half.bring(artifact_id)
        self.qtbot.waitUntil(lambda: self._told(artifact_id) is not None, timeout=SHOWN_WITHIN_MS)
        view, words = self._told(artifact_id) or ("", "")
        self.seen.append(Shown(name, view, words, time.perf_counter() - began))
        return self.seen[-1]

    def _told(self, artifact_id: str) -> tuple[str, str] | None:
        """The viewer's kind, or the sentence in its place; None while it is being opened."""
        evidence = self.opened.workbench.evidence
        current = evidence.current_artifact
        if current is None or current.id != artifact_id:
            return None
        states = [each for each in evidence.findChildren(EmptyState) if each.isVisible()]
        told = [state for state in states if state.title not in OPENING]
        if told:
            return "", f"{told[0].title}. {told[0].words}"
        if states:
            return None
        viewer = evidence.viewer
        if viewer is None or viewer.current_selector() is None:
            return None
        return type(viewer).__name__, ""


@contextmanager
def opener(
    desk: Desk,
    template: Template,
    files: Mapping[str, bytes],
    tasks: Tasks,
    qtbot: QtBot,
    key: str = "HO-STILE",
) -> Iterator[tuple[Opener, list[tuple[str, str]]]]:
    """A window on a submission that holds these files; also the artifacts' ids and names in order."""
    given = Given(key)
    for name, content in files.items():
        given.add(name, content)
    own_id = assign(desk, template, given)
    desk._readers.documents._seconds = PATIENCE_SECONDS
    with opened_window(desk, tasks, qtbot) as window:
        window.choose(own_id)
        found = Opener(window, qtbot)
        found.heart.start()
        try:
            yield found, [(one.id, one.name) for one in given.artifacts]
        finally:
            found.heart.stop()


def floor_of(opening: Opener, sound: Mapping[str, bytes]) -> float:
    """Milliseconds of the main thread's longest work in one turn while these files were opened."""
    return max(each.worked for each in opening.heart.stalls if each.doing in sound)
