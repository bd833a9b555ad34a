"""A file of another kind: its copy leaves the desk only after the warning and a tick."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace
from functools import cache
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel, QPushButton
from tests.gui.assessing.conftest import Hand
from tests.gui.assessing.making import Given

from assessor_desk.gui.dialogs.export_copy import ExportCopyDialog
from assessor_desk.gui.workbench import Workbench


@cache
def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bag:
        bag.writestr("model.blend", b"a model")
    return out.getvalue()


def asked(hand: Hand, bench: Workbench, *, true_digest: bool) -> ExportCopyDialog:
    """The dialog over the only artifact, an archive."""
    content = archive()
    given = Given("7F3A-21").add("models.zip", content)
    if true_digest:
        given.artifacts[0] = replace(given.artifacts[0], sha256=hashlib.sha256(content).hexdigest())
    own_id = hand.given(given)
    hand.desk.record_completeness(own_id)
    hand.open(own_id)
    hand.qtbot.waitUntil(lambda: bool(hand.seen(QPushButton, "Export a copy…")), timeout=20_000)
    (button,) = hand.seen(QPushButton, "Export a copy…")
    hand.qtbot.waitUntil(button.isEnabled, timeout=20_000)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    found = bench.findChild(QDialog)
    assert isinstance(found, ExportCopyDialog)
    return found


def test_a_copy_needs_the_warning_read_and_is_recorded(hand: Hand, bench: Workbench, tmp_path: Path) -> None:
    dialog = asked(hand, bench, true_digest=True)
    assert any("is not protected any more" in label.text() for label in dialog.findChildren(QLabel))
    assert not dialog.go.isEnabled()
    dialog.understood.click()
    dialog.into.choose(tmp_path / "out")
    dialog.go.click()
    hand.qtbot.waitUntil(lambda: bool(hand.case.review.copies), timeout=20_000)
    assert (tmp_path / "out" / "models.zip").read_bytes() == archive()
    assert any("The review records it" in sentence for sentence in hand.notices.sentences)


def test_a_copy_that_is_refused_says_why_where_it_was_asked_for(
    hand: Hand, bench: Workbench, tmp_path: Path
) -> None:
    dialog = asked(hand, bench, true_digest=False)
    dialog.understood.click()
    dialog.into.choose(tmp_path / "out")
    dialog.go.click()
    hand.qtbot.waitUntil(lambda: "not what the source captured" in dialog.trouble.text(), timeout=20_000)
    assert dialog.isVisible()
    assert list((tmp_path / "out").iterdir()) == []
