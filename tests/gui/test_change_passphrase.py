"""Changing the passphrase in the window."""

from __future__ import annotations

import pytest
from tests.gui.conftest import PASSPHRASE, SETTLES_MS, Open

from assessor_desk.desk import Desk
from assessor_desk.domain.errors import WrongPassphrase
from assessor_desk.gui.dialogs.change_passphrase import ChangePassphraseDialog

ANOTHER = "orange lantern meadow"


@pytest.fixture
def dialog(opened: Open) -> ChangePassphraseDialog:
    made = ChangePassphraseDialog(opened.session, opened.workbench)
    made.show()
    return made


def _fill(dialog: ChangePassphraseDialog, present: str, first: str, second: str) -> None:
    for field, words in ((dialog.present, present), (dialog.first, first), (dialog.second, second)):
        field.setText(words)
    dialog.change.click()


def test_the_new_passphrase_opens_the_desk_and_the_old_one_does_not(
    opened: Open, dialog: ChangePassphraseDialog
) -> None:
    with opened.qtbot.waitSignal(dialog.accepted, timeout=SETTLES_MS):
        _fill(dialog, PASSPHRASE, ANOTHER, ANOTHER)
    assert opened.session.notices.sentences == ["The passphrase of this desk was changed."]
    folder = opened.session.desk.folder
    opened.session.desk.close()
    with pytest.raises(WrongPassphrase):
        Desk.open(folder, PASSPHRASE)
    Desk.open(folder, ANOTHER).close()


@pytest.mark.parametrize(
    ("present", "first", "second", "said"),
    [
        ("", ANOTHER, ANOTHER, "opens this desk now"),
        (PASSPHRASE, "password1", "password1", "easily guessed"),
        (PASSPHRASE, ANOTHER, ANOTHER + "s", "differ"),
        (PASSPHRASE, "", "", "at least"),
        (PASSPHRASE, "short", "short", "at least"),
        (PASSPHRASE, PASSPHRASE, PASSPHRASE, "you have now"),
        ("wrong", ANOTHER, ANOTHER, "not right"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(
    opened: Open, dialog: ChangePassphraseDialog, present: str, first: str, second: str, said: str
) -> None:
    _fill(dialog, present, first, second)
    opened.qtbot.waitUntil(lambda: said in dialog.trouble.text(), timeout=SETTLES_MS)
    assert dialog.isVisible()
    opened.session.desk.check_passphrase(PASSPHRASE)


def test_leaving_the_box_changes_nothing(opened: Open) -> None:
    opened.workbench.run("change_passphrase")
    [box] = opened.workbench.findChildren(ChangePassphraseDialog)
    for field, words in ((box.present, PASSPHRASE), (box.first, ANOTHER), (box.second, ANOTHER)):
        field.setText(words)
    box.reject()
    opened.settle()
    opened.session.desk.check_passphrase(PASSPHRASE)
    assert opened.session.notices.sentences == []
