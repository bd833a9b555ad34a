"""A viewer of recordings in a window, with the real worker and real files."""

from pathlib import Path

import psutil
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from tests.artifacts.media_clips import number_of

from assessor_desk.artifacts.media import MediaClient, MediaHandle
from assessor_desk.domain.anchor import Anchor, TimeSpan
from assessor_desk.domain.renditions import Shown
from assessor_desk.domain.submission import Artifact, Part
from assessor_desk.gui.tasks import Tasks
from assessor_desk.gui.viewers.media import MediaViewer
from assessor_desk.gui.viewers.viewer import Mark


class Evidence:
    """A plain file, as the desk would give it."""

    def __init__(self, client: MediaClient, path: Path, captions: str | None = None) -> None:
        self.artifact = Artifact("a1", Part.WORK, path.name, sha256=path.name)
        self._client, self._path, self._captions = client, path, captions

    rendition_words, shown = "", Shown.ORIGINAL

    def open(self) -> None:
        raise AssertionError("a recording is opened with open_media")

    def open_media(self) -> MediaHandle:
        return self._client.open(self._path, b"", self._path.name)

    def captions(self) -> str | None:
        return self._captions


class Bench:
    """A viewer in a window, and what is needed around it."""

    def __init__(self, bot: QtBot) -> None:
        self.bot, self.client, self.tasks = bot, MediaClient(), Tasks()
        self.window = QWidget()
        self.viewer = MediaViewer(self.tasks, self.window)
        self.viewer.resize(760, 620)
        self.window.resize(760, 620)
        self.told: list[str] = []
        self.offered: list[object] = []
        self.noted: list[tuple[object, str]] = []
        self.moved: list[tuple[str, object]] = []
        self.viewer.trouble.connect(self.told.append)
        self.viewer.selector_offered.connect(self.offered.append)
        self.viewer.noted_selector_offered.connect(lambda *what: self.noted.append(what))
        self.viewer.anchor_moved.connect(lambda *what: self.moved.append(what))
        self.window.show()
        self.viewer.setFocus()

    def show(self, path: Path, captions: str | None = None) -> None:
        self.viewer.show_artifact(Evidence(self.client, path, captions))
        self.bot.waitUntil(lambda: self.viewer.playback.opened, timeout=10_000)
        if self.viewer.playback.has_video:
            self.wait_for(0)
        if captions:
            self.bot.waitUntil(self.viewer.controls.captions.isEnabled, timeout=5_000)

    def wait_for(self, number: int) -> None:
        self.bot.waitUntil(lambda: self.number() == number, timeout=8_000)

    def number(self) -> int | None:
        """The number of the picture in sight."""
        image = self.viewer.picture.image
        if image.isNull():
            return None
        return number_of(memoryview(image.constBits()), image.width(), image.height(), image.bytesPerLine())

    def press(
        self, *keys: Qt.Key, shifted: bool = False, modifier: Qt.KeyboardModifier | None = None
    ) -> None:
        plain = Qt.KeyboardModifier.ShiftModifier if shifted else Qt.KeyboardModifier.NoModifier
        for key in keys:
            QTest.keyClick(self.viewer, key, modifier or plain)

    @property
    def ms(self) -> int:
        return self.viewer.playback.position_ms

    @property
    def said(self) -> str:
        """What the line below the timeline says."""
        return self.viewer.body.status.words

    def workers(self) -> list[psutil.Process]:
        return [c for c in psutil.Process().children() if "media.worker" in " ".join(c.cmdline())]

    def close(self) -> None:
        self.viewer.whereabouts.come_back()
        self.viewer.clear()
        self.tasks.drain()
        self.client.close()
        self.window.close()
        self.window.deleteLater()
        self.tasks.deleteLater()


def mark(anchor_id: str, start_ms: int, end_ms: int | None = None, number: str = "1", note: str = "") -> Mark:
    """An anchor of a time, as the pane would mark it."""
    return Mark(Anchor(anchor_id, "a1", TimeSpan(start_ms, end_ms)), QColor("#0072B2"), number, note)


def drag(widget: QWidget, start: QPoint, end: QPoint) -> None:
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(widget, left, pos=start)
    QTest.mouseMove(widget, (start + end) / 2)
    QTest.mouseMove(widget, end)
    QTest.mouseRelease(widget, left, pos=end)
