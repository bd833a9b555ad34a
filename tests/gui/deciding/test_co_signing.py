"""Co-signing in the window: the verdict first, then the passphrase, then a copy with one signature more."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.gui.conftest import Open
from tests.gui.deciding.making import KEY, PASSPHRASE
from tests.gui.deciding.test_deciding_pane import dialog_of, give_passphrase, shown

from assessor_desk.desk import Desk
from assessor_desk.domain.review import TextField
from assessor_desk.gui.dialogs.co_sign import CoSignDialog
from assessor_desk.verdict import FactId


@pytest.fixture
def handed_over(assessor: Desk, tmp_path: Path) -> Path:
    """The packet as its assessor exported it."""
    (path,) = assessor.export(assessor.find(KEY), tmp_path / "handed over")
    return path


@pytest.fixture
def dialog(opened: Open) -> CoSignDialog:
    shown(opened)
    found = dialog_of(opened, "co_sign", CoSignDialog)
    assert isinstance(found, CoSignDialog)
    return found


def test_a_packet_that_holds_is_co_signed_into_a_copy(
    opened: Open, desk: Desk, dialog: CoSignDialog, handed_over: Path, tmp_path: Path
) -> None:
    written: list[Path] = []
    dialog.signed.connect(written.append)
    assert dialog.wanting == "Choose a packet"
    dialog.choose(handed_over)
    opened.qtbot.waitUntil(lambda: dialog.verdict.startswith("Unaltered since assessor"))
    dialog.folder.choose(tmp_path / "co-signed")
    give_passphrase(dialog, PASSPHRASE)
    opened.qtbot.waitUntil(lambda: bool(written))

    (verdict,) = desk.verify(written)
    assert not verdict.bad
    assert " and Reviewer " in verdict.fact(FactId.SIGNATURE).sentence


def test_what_the_packet_says_is_read_before_it_is_co_signed(
    opened: Open, assessor: Desk, dialog: CoSignDialog, handed_over: Path
) -> None:
    review = assessor.case(assessor.find(KEY)).review

    dialog.choose(handed_over)
    opened.qtbot.waitUntil(lambda: bool(dialog.words))

    assert review.overall.split("\n")[0] in dialog.words
    for criterion in assessor.case(assessor.find(KEY)).rubric.criteria:
        assert criterion.title in dialog.words
        assert review.work(criterion.id).text(TextField.RATIONALE) in dialog.words
    opened.qtbot.waitUntil(
        lambda: dialog.passphrase_row.height() >= dialog.passphrase_row.sizeHint().height()
    )


def test_a_packet_that_does_not_hold_cannot_be_co_signed(
    opened: Open, dialog: CoSignDialog, handed_over: Path
) -> None:
    content = bytearray(handed_over.read_bytes())
    content[len(content) // 2] ^= 1
    handed_over.write_bytes(content)

    dialog.choose(handed_over)
    opened.qtbot.waitUntil(lambda: dialog.verdict.startswith("Do not rely on this packet"))
    give_passphrase(dialog, PASSPHRASE)

    assert dialog.wanting == "Only a packet that holds can be co-signed"
    assert dialog.words == ""
    assert not dialog.go.isEnabled()


def test_a_wrong_passphrase_is_told_and_nothing_is_written(
    opened: Open, dialog: CoSignDialog, handed_over: Path, tmp_path: Path
) -> None:
    dialog.choose(handed_over)
    opened.qtbot.waitUntil(lambda: dialog.verdict.startswith("Unaltered since assessor"))
    dialog.folder.choose(tmp_path / "co-signed")
    give_passphrase(dialog, "wrong")
    opened.qtbot.waitUntil(lambda: bool(dialog.passphrase_row.trouble))

    assert not (tmp_path / "co-signed").exists()
    assert dialog.isVisible()
