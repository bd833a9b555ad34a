"""A badge in the window that verifies: its facts, and how it is checked elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot
from tests.badges.conftest import Issued

from assessor_desk.gui import theme
from assessor_desk.gui.tasks import Tasks
from assessor_desk.gui.verify_window import VerifyWindow
from assessor_desk.verdict import Verdict, verify


@pytest.fixture
def window(issued: Issued, qtbot: QtBot) -> Iterator[VerifyWindow]:
    """The window with the issuer's trust list."""
    theme.load_fonts()
    theme.apply(theme.Appearance.LIGHT)
    tasks = Tasks()

    def judge(path: Path, _trust: tuple[Path, ...], _content: bytes | None) -> Verdict:
        return verify(path, issued.trust, datetime.now(UTC))

    shown = VerifyWindow(tasks, judge, lambda _: "Trust list")
    qtbot.addWidget(shown)
    shown.resize(1180, 760)
    shown.show()
    yield shown
    tasks.drain()


def words(window: VerifyWindow) -> str:
    return "\n".join(label.text() for label in window.findChildren(QLabel) if label.isVisible())


def test_a_baked_picture_is_read_fact_by_fact(window: VerifyWindow, issued: Issued, qtbot: QtBot) -> None:
    window.add_packets([issued.folder / "badge.png"])
    qtbot.waitUntil(lambda: "Unaltered since issuer Lakeside hub signed it." in words(window))
    assert "Not revoked, says the list of" in words(window)
    assert window._scroll.horizontalScrollBar().maximum() == 0


def test_how_a_badge_is_checked_elsewhere_is_told(window: VerifyWindow, issued: Issued, qtbot: QtBot) -> None:
    window.add_packets([issued.folder / "badge.svg"])
    qtbot.waitUntil(lambda: "Unaltered since issuer" in words(window))
    how = next(
        one for one in window.findChildren(QPushButton) if one.text() == "How to check without this program"
    )
    how.click()
    qtbot.waitUntil(lambda: "badge-issuer.json.p7s" in words(window))
