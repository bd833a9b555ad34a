"""Viewers as the window has them: real tasks, a real worker, real files."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typst
from PIL import Image
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot
from tests.artifacts.media_clips import clip
from tests.gui.recordings import Bench

from assessor_desk.artifacts.documents import DocumentsClient
from assessor_desk.domain.anchor import Anchor, Selector
from assessor_desk.domain.submission import Artifact, Part
from assessor_desk.gui import theme
from assessor_desk.gui.tasks import Tasks
from assessor_desk.gui.viewers.viewer import Mark, Viewer

LESSON = """
= Lesson plan
The exit ticket asks: what is three quarters of twenty-four? Đánh giá bằng câu hỏi.
#pagebreak()
= Second part
Students write on whiteboards. The exit ticket comes last.
#pagebreak()
= Third part
Nothing to see but words.
"""


@dataclass(frozen=True)
class Given:
    """A file as the desk hands it to a viewer."""

    artifact: Artifact
    client: DocumentsClient
    path: Path

    def open(self) -> Any:
        return self.client.open(self.path, b"", self.artifact.name)

    def captions(self) -> str | None:
        return None


Showing = Callable[..., Any]


@pytest.fixture(scope="module")
def client() -> Iterator[DocumentsClient]:
    with DocumentsClient() as opened:
        opened.start()  # before any test looks for processes that it left behind
        yield opened


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[Tasks]:
    tasks = Tasks()
    crashes: list[BaseException] = []
    tasks.crashed.connect(crashes.append)
    yield tasks
    tasks.drain()
    assert crashes == []


@pytest.fixture
def given(client: DocumentsClient, tmp_path: Path) -> Callable[[str, bytes], Given]:
    def give(name: str, data: bytes) -> Given:
        path = tmp_path / name
        path.write_bytes(data)
        artifact = Artifact("a1", Part.WORK, name, size=len(data), sha256="ab" * 32)
        return Given(artifact, client, path)

    return give


@pytest.fixture
def showing(qtbot: QtBot, tasks: Tasks, given: Callable[[str, bytes], Given]) -> Iterator[Showing]:
    """A viewer of a kind in a window of 700 by 800, with a file open in it."""
    viewers: list[Viewer] = []

    def show(kind: type[Viewer], name: str, data: bytes, wait: bool = True) -> Viewer:
        viewer = kind(tasks)
        viewers.append(viewer)
        qtbot.addWidget(viewer)
        viewer.resize(700, 800)
        viewer.show()
        viewer.show_artifact(given(name, data))
        if wait:
            qtbot.waitUntil(lambda: viewer.current_selector() is not None, timeout=10_000)
        return viewer

    yield show
    for viewer in viewers:
        viewer.clear()


@pytest.fixture
def mark() -> Callable[..., Mark]:
    def make(selector: Selector, number: str = "2", name: str = "m1") -> Mark:
        return Mark(Anchor(name, "a1", selector), QColor("#D55E00"), number, "what is seen there")

    return make


@pytest.fixture(scope="session")
def lesson_pdf() -> bytes:
    """Three pages with an outline."""
    return typst.compile(LESSON.encode())


@pytest.fixture(scope="session")
def photo() -> bytes:
    """400 by 200 pixels, grey, its left quarter black."""
    picture = Image.new("RGB", (400, 200), (128, 128, 128))
    picture.paste("black", (0, 0, 100, 200))
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    """A viewer of recordings in a window."""
    theme.apply(theme.Appearance.LIGHT)
    bench = Bench(qtbot)
    yield bench
    bench.close()
    qtbot.wait(1)


@pytest.fixture(scope="session")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of twelve seconds, every picture with its number."""
    path = tmp_path_factory.mktemp("lesson") / "lesson.mp4"
    clip(path, 12)
    return path
