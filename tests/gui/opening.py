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
SHOWN_WITHIN_MS = 60_000
PATIENCE_SECONDS = 3.0
"""How long a reader of documents may take over a file here; the window itself waits longer before it gives one up."""

OPENING = ("Opening…", "")


class Heart(QObject):
    """A timer of the main thread that notes the longest time between two of its beats."""

    def __init__(self) -> None:
        super().__init__()
        self.stalls: list[tuple[float, str]] = []
        self.doing = ""
        self._last = time.perf_counter()
        self._timer = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.stalls.append(((now - self._last) * 1000 - BEAT_MS, self.doing))
        self._last = now

    def tell(self) -> None:
        """Say how long the main thread stood still, for whoever runs the tests with `-s`."""
        worst = sorted(self.stalls, reverse=True)[:5]
        over = sum(stall > AIM_MS for stall, _ in self.stalls)
        print("longest stalls of the main thread:", ", ".join(f"{ms:.0f} ms ({name})" for ms, name in worst))
        print(f"{over} of {len(self.stalls)} beats later than {AIM_MS} ms")

    @property
    def longest(self) -> tuple[float, str]:
        """Milliseconds, and the file that was being opened."""
        return max(self.stalls, default=(0.0, ""))


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
