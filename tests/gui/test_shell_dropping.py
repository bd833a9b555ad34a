"""Packets dropped on the window are checked; other files are not taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from assessor_desk.gui.verify_window import PacketLine, VerifyWindow


def _dragged(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def _welcome(window: Any, mime: QMimeData) -> bool:
    event = QDragEnterEvent(
        QPoint(40, 40),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    event.ignore()
    QApplication.sendEvent(window, event)
    return event.isAccepted()


def test_a_packet_dropped_on_the_window_is_checked_in_the_window_for_it(opened: Any, tmp_path: Path) -> None:
    packet = tmp_path / "packet-1.zip"
    packet.write_bytes(b"no packet at all")
    mime = _dragged(packet)
    assert _welcome(opened.window, mime)
    event = QDropEvent(
        QPointF(40, 40),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(opened.window, event)
    opened.settle()
    (checking,) = (one for one in QApplication.topLevelWidgets() if isinstance(one, VerifyWindow))
    assert checking.isVisible()
    (line,) = checking.findChildren(PacketLine)
    opened.qtbot.waitUntil(lambda: "checking" not in line.accessibleName(), timeout=20_000)
    assert "packet-1.zip" in line.accessibleName()


def test_files_that_are_no_packets_are_not_taken(opened: Any, tmp_path: Path) -> None:
    picture = tmp_path / "lesson.png"
    assert not _welcome(opened.window, _dragged(picture))
    assert not _welcome(opened.window, _dragged(tmp_path / "packet-1.zip", picture))
