"""The certificate in the window: how it stands, requested and imported by file, renewed."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot
from tests.gui.conftest import PASSPHRASE

from assessor_desk.desk import Desk
from assessor_desk.desk.changes import Changes
from assessor_desk.desk.identity_answers import Identity, IdentityStanding
from assessor_desk.domain.errors import Damaged
from assessor_desk.domain.roles import Role
from assessor_desk.gui.dialogs.identity import IdentityDialog
from assessor_desk.gui.pages.connect import ConnectPage
from assessor_desk.gui.tasks import Tasks
from assessor_desk.hub.certifying import Who, answer_file
from assessor_desk.hub.hub import Hub
from assessor_desk.keys.signing import root_words


@pytest.fixture
def dialog(desk: Desk, tasks: Tasks, qtbot: QtBot) -> IdentityDialog:
    """Over a desk that has no certificate yet; the passphrase of the tests."""
    shown = IdentityDialog(tasks, desk)
    qtbot.addWidget(shown)
    shown.show()
    qtbot.waitUntil(lambda: shown.identity is not None)
    return shown


def test_a_certificate_is_requested_and_imported_by_file(
    dialog: IdentityDialog, qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    assert dialog.identity is not None
    assert dialog.identity.standing is IdentityStanding.NONE
    assert "request one by file" in dialog.words.text()
    assert not dialog.request.isEnabled()
    assert not dialog.renew.isVisible()
    dialog.passphrase_row._field.setText(PASSPHRASE)
    assert dialog.request.isEnabled()

    dialog.write_request(tmp_path / "request.json")
    qtbot.waitUntil(lambda: bool(dialog.told.text()), timeout=30_000)
    qtbot.waitUntil(lambda: bool(dialog.identity and dialog.identity.key_words), timeout=5_000)
    assert dialog.identity.key_words in dialog.told.text()
    assert "Not vouched for by any issuer" in dialog.words.text()
    assert dialog.passphrase_row.passphrase == ""
    hub = Hub.create(tmp_path / "hub", "Lakeside hub", "Lakeside Regional Programme")
    who = Who(name="Lan Sample", roles=(Role.ASSESSOR,))
    person, key = answer_file(hub, tmp_path / "request.json", tmp_path / "answer.json", who)
    hub.close()
    assert key == dialog.identity.key_words

    dialog.import_answer(tmp_path / "answer.json")
    qtbot.waitUntil(dialog.compared.isVisible, timeout=30_000)
    assert dialog.compared.groups.text() == root_words(hub.authority.root).replace("-", " ")
    assert dialog.identity.standing is IdentityStanding.SELF_MADE
    dialog.compared.no.click()
    assert "Nothing was imported" in dialog.told.text()
    dialog.import_answer(tmp_path / "answer.json")
    qtbot.waitUntil(dialog.compared.isVisible, timeout=30_000)

    with qtbot.waitSignal(dialog.changed, timeout=30_000):
        dialog.compared.yes.click()
    qtbot.waitUntil(lambda: dialog.identity.standing is IdentityStanding.ISSUED)
    assert "Issued by Lakeside hub" in dialog.words.text()
    assert desk.profile is not None
    assert desk.profile.person == person


def test_what_is_refused_is_told_and_can_be_tried_again(
    dialog: IdentityDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog.passphrase_row._field.setText("wrong")
    dialog.write_request(tmp_path / "request.json")
    qtbot.waitUntil(lambda: "passphrase is not right" in dialog.told.text(), timeout=30_000)
    assert dialog.request.isEnabled()
    assert not (tmp_path / "request.json").exists()
    (tmp_path / "other.json").write_text("{}")
    dialog.import_answer(tmp_path / "other.json")
    qtbot.waitUntil(lambda: "is not a certificate" in dialog.told.text())


def test_each_programme_is_shown_with_its_fingerprint_and_its_own_way_to_renew(
    dialog: IdentityDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    until = datetime(2028, 11, 22, tzinfo=UTC)
    told = IdentityStanding.ISSUED, "Issued by it.", "P-1001", ("assessor",)
    lake = Identity(*told, "Lakeside hub", until, "", True, "aa" * 32, "AAAA-BBBB")
    bay = Identity(*told, "Bay hub", until, "", False, "bb" * 32, "CCCC-DDDD")
    renewed: list[str] = []
    monkeypatch.setattr(dialog._desk, "identities", lambda: (lake, bay))
    monkeypatch.setattr(
        dialog._desk, "renew_certificate", lambda _, root: (renewed.append(root), (Changes(), "Done."))[1]
    )
    dialog._read()
    qtbot.waitUntil(lambda: len(dialog.sections) == 2)

    shown = [one.text() for one in dialog.findChildren(QLabel) if one.isVisible()]
    assert {"Lakeside hub", "Bay hub", "AAAA BBBB", "CCCC DDDD"} <= set(shown)
    first, second = dialog.sections
    assert (first.renew.isVisible(), second.renew.isVisible()) == (True, False)
    assert (first.request.isVisible(), second.request.isVisible()) == (False, True)
    assert not dialog.renew.isVisible()
    assert not dialog.request.isVisible()
    assert not first.renew.isEnabled()
    dialog.passphrase_row._field.setText(PASSPHRASE)
    first.renew.click()
    qtbot.waitUntil(lambda: dialog.told.text() == "Done.")
    assert renewed == [lake.root]
    monkeypatch.setattr(dialog._desk, "identities", lambda: (lake,))
    dialog._read()
    qtbot.waitUntil(lambda: len(dialog.sections) == 1)
    assert dialog.renew.isVisible()
    assert not dialog.sections[0].renew.isVisible()


def test_amid_an_act_no_other_can_be_begun_whatever_is_typed_or_read_meanwhile(
    dialog: IdentityDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    until = datetime(2028, 11, 22, tzinfo=UTC)
    told = IdentityStanding.ISSUED, "Issued by it.", "P-1001", ("assessor",)
    both = (
        Identity(*told, "Lakeside hub", until, "", True, "aa" * 32, "AAAA-BBBB"),
        Identity(*told, "Bay hub", until, "", True, "bb" * 32, "CCCC-DDDD"),
    )
    may_end = threading.Event()
    monkeypatch.setattr(dialog._desk, "request_identity", lambda *_: (may_end.wait(20), (Changes(), "AB"))[1])
    monkeypatch.setattr(dialog._desk, "identities", lambda: both)
    dialog.passphrase_row._field.setText(PASSPHRASE)
    dialog.write_request(tmp_path / "request.json")

    def begins() -> list[QPushButton]:
        own = [button for section in dialog.sections for button in section.buttons]
        return [dialog.renew, dialog.request, dialog.another, dialog.take, *own]

    dialog.passphrase_row._field.setText("typed meanwhile")
    assert not any(button.isEnabled() for button in begins())
    dialog._read()
    qtbot.waitUntil(lambda: len(dialog.sections) == 2)
    assert not any(button.isEnabled() for button in begins())
    monkeypatch.setattr(dialog._desk, "identities", _unreadable)
    dialog._read()
    qtbot.waitUntil(lambda: "cannot be read" in dialog.told.text())
    assert not any(button.isEnabled() for button in (*begins(), dialog.leave))
    may_end.set()
    qtbot.waitUntil(lambda: "cannot be read" in dialog.told.text() and dialog.leave.isEnabled())
    assert "Its key is AB" in dialog.told.text(), "what came of it stays in sight"
    dialog.passphrase_row._field.setText(PASSPHRASE)
    assert all(button.isEnabled() for button in begins())


def _unreadable() -> None:
    raise Damaged("The certificate cannot be read")


def test_it_opens_from_settings_and_from_the_page_that_connects(opened: Any) -> None:
    opened.workbench.run("settings")
    settings = QApplication.activeModalWidget()
    settings.identity_wanted.emit()
    assert isinstance(QApplication.activeModalWidget(), IdentityDialog) or opened.workbench.findChild(
        IdentityDialog
    )
    opened.workbench.run("connect")
    page = opened.workbench.findChild(ConnectPage)
    page.by_file.click()
    assert page.parent().findChild(IdentityDialog) is not None
    opened.settle()
