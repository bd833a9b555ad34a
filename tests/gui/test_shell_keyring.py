"""Opening without asking: a copy of the key in the system's keyring, taken and given back in the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError
from pytestqt.qtbot import QtBot

from assessor_desk.desk import Desk
from assessor_desk.gui import app
from assessor_desk.gui.dialogs.remembering import Remembering
from assessor_desk.gui.pages.opening import Opening
from assessor_desk.gui.pages.unlock import Unlock
from assessor_desk.gui.preferences import Preferences
from assessor_desk.gui.session import Session
from assessor_desk.gui.workbench import Workbench
from assessor_desk.keys import keyring_copy
from assessor_desk.settings import Settings

PASSPHRASE = "violet harbour ladder"
LONG_MS = 10_000


class MemoryKeyring(KeyringBackend):  # type: ignore[misc]
    """A keyring of the library's own kind that keeps everything in memory."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("none there")


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryKeyring]:
    """The system's keyring for one test, and one that is allowed."""
    before = keyring.get_keyring()
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    monkeypatch.setattr(keyring_copy, "_ALLOWED", {(MemoryKeyring.__module__, "MemoryKeyring")})
    yield backend
    keyring.set_keyring(before)


@pytest.fixture
def folder(desk: Desk) -> Path:
    """The folder of a closed desk with submissions."""
    desk.close()
    return desk.folder


def _asked(program: app.Program, qtbot: QtBot) -> Unlock:
    qtbot.waitUntil(lambda: isinstance(program.window.page, Unlock), timeout=LONG_MS)
    page = program.window.page
    assert isinstance(page, Unlock)
    return page


def _unlock(program: app.Program, page: Unlock, qtbot: QtBot, *, remember: bool) -> Workbench:
    box = page.by_passphrase._remember
    qtbot.waitUntil(box.isEnabled, timeout=LONG_MS)
    box.setChecked(remember)
    page.by_passphrase.field.setText(PASSPHRASE)
    with qtbot.waitSignal(program.ready, timeout=LONG_MS):
        page.by_passphrase.go.click()
    return _workbench(program, qtbot)


def _workbench(program: app.Program, qtbot: QtBot) -> Workbench:
    workbench = program.window.workbench
    assert workbench is not None
    qtbot.waitUntil(lambda: workbench.furnished)
    return workbench


def _close(program: app.Program, qtbot: QtBot) -> None:
    with qtbot.waitSignal(program.window.closed, timeout=LONG_MS):
        program.window.close()


def _remember(folder: Path, qtbot: QtBot) -> None:
    with app.Program(folder) as program:
        _unlock(program, _asked(program, qtbot), qtbot, remember=True)
        _close(program, qtbot)


def test_a_remembered_desk_opens_next_time_without_asking(
    folder: Path, memory: MemoryKeyring, qtbot: QtBot
) -> None:
    _remember(folder, qtbot)
    assert len(memory.kept) == 1
    assert PASSPHRASE not in "".join(memory.kept.values())
    with app.Program(folder) as program:
        assert isinstance(program.window.page, Opening)
        with qtbot.waitSignal(program.ready, timeout=LONG_MS):
            pass
        workbench = _workbench(program, qtbot)
        assert [row.key for row in workbench.inbox.rows][:1] == ["7F3A-00"]
        _close(program, qtbot)


def test_without_the_tick_nothing_is_given_to_the_keyring(
    folder: Path, memory: MemoryKeyring, qtbot: QtBot
) -> None:
    with app.Program(folder) as program:
        _unlock(program, _asked(program, qtbot), qtbot, remember=False)
        _close(program, qtbot)
    assert memory.kept == {}
    assert not Preferences(Settings.load(folder)).remembered


def test_a_copy_that_is_gone_leads_to_the_passphrase_and_says_why(
    folder: Path, memory: MemoryKeyring, qtbot: QtBot
) -> None:
    _remember(folder, qtbot)
    memory.kept.clear()
    with app.Program(folder) as program:
        page = _asked(program, qtbot)
        assert "did not give the key" in page.by_passphrase.trouble
        _unlock(program, page, qtbot, remember=False)
        _close(program, qtbot)
    assert not Preferences(Settings.load(folder)).remembered


def test_where_no_keyring_may_be_used_the_page_says_so_calmly(folder: Path, qtbot: QtBot) -> None:
    with app.Program(folder) as program:
        page = _asked(program, qtbot).by_passphrase
        qtbot.waitUntil(lambda: "no keyring" in page._about_remembering.text(), timeout=LONG_MS)
        assert not page._remember.isEnabled()
        assert page.trouble == ""
        _close(program, qtbot)


def test_a_keyring_that_declines_is_told_and_the_desk_opens_all_the_same(
    folder: Path, memory: MemoryKeyring, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decline(*_: object) -> None:
        raise RuntimeError("dismissed")

    monkeypatch.setattr(MemoryKeyring, "set_password", decline)
    with app.Program(folder) as program:
        _unlock(program, _asked(program, qtbot), qtbot, remember=True)
        assert program.session is not None
        assert any("did not take the key" in one for one in program.session.notices.sentences)
        _close(program, qtbot)
    assert not Preferences(Settings.load(folder)).remembered


@pytest.fixture
def choice(session: Session, memory: MemoryKeyring, qtbot: QtBot) -> Any:
    """What Settings offers on an open desk."""
    widget = Remembering(session, Preferences(session.desk.settings))
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitUntil(widget.box.isEnabled, timeout=LONG_MS)
    return widget


def test_settings_remember_with_the_passphrase_and_forget_without(
    choice: Remembering, session: Session, memory: MemoryKeyring, qtbot: QtBot
) -> None:
    choice.box.click()
    choice.passphrase.setText(PASSPHRASE)
    choice.passphrase.returnPressed.emit()
    qtbot.waitUntil(lambda: len(memory.kept) == 1, timeout=LONG_MS)
    qtbot.waitUntil(lambda: Preferences(Settings.load(session.desk.folder)).remembered)
    choice.box.click()
    qtbot.waitUntil(lambda: memory.kept == {}, timeout=LONG_MS)
    assert not Preferences(Settings.load(session.desk.folder)).remembered


def test_settings_remember_nothing_with_a_wrong_passphrase(
    choice: Remembering, memory: MemoryKeyring, qtbot: QtBot
) -> None:
    choice.box.click()
    choice.passphrase.setText("wrong")
    choice.passphrase.returnPressed.emit()
    qtbot.waitUntil(lambda: choice.words.objectName() == "trouble", timeout=LONG_MS)
    assert "passphrase" in choice.words.text()
    assert memory.kept == {}
