"""A badge that the issuer issued is told of beside the decision, and saved from there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from tests.gui.conftest import Open
from tests.gui.deciding.making import OTHER, PASSPHRASE, Programme
from tests.gui.deciding.test_deciding_pane import dialog_of
from tests.gui.deciding.test_named_for_everyone import nameless

from assessor_desk.desk import Desk
from assessor_desk.domain.errors import Refused
from assessor_desk.gui.dialogs.save_badge import SaveBadgeDialog
from assessor_desk.hub.badge_papers import set_up_badges
from assessor_desk.hub.badges import issue_badge, revoke_badge
from assessor_desk.hub.hub import Hub
from assessor_desk.places import resources
from assessor_desk.rubric_files import load_look


@pytest.fixture
def hub(programme: Programme) -> Hub:
    """The hub, ready to issue badges."""
    look = load_look(resources() / "looks" / "lakeside.yaml")
    set_up_badges(programme.answering.hub, "https://badges.example.org", look)
    return programme.answering.hub


@pytest.fixture
def earned(programme: Programme, desk: Desk, hub: Hub, tmp_path: Path) -> str:
    """The id of a submission that was decided as earned and released, from this desk; its badge is not issued."""
    assessor = programme.device(OTHER)
    assessor.deliver(*assessor.seal(tmp_path / "sealed", OTHER, earned=True))
    desk.sync()
    own_id = desk.find(OTHER)
    desk.decide(own_id, PASSPHRASE)
    desk.sync()
    assert desk.release([own_id], PASSPHRASE, tmp_path / "reports").troubles == ()
    return own_id


def told(opened: Open) -> str:
    opened.settle()
    return opened.workbench.reviewing.pane.page.progress.text()


def test_a_badge_is_told_once_it_was_issued(earned: str, desk: Desk, hub: Hub, opened: Open) -> None:
    opened.choose(earned)
    assert "Badge" not in told(opened)
    assert not opened.workbench.reviewing.pane._badge.isVisible()
    assert "The issuer makes its badge, and its case file for a recogniser." in told(opened)

    issue_badge(hub, OTHER)
    desk.sync()
    opened.session.refresh()

    opened.qtbot.waitUntil(lambda: "Badge issued" in told(opened))
    assert opened.workbench.reviewing.pane._badge.isVisible()


def test_saving_a_badge_writes_what_verifies(
    earned: str, desk: Desk, hub: Hub, opened: Open, tmp_path: Path
) -> None:
    badge = issue_badge(hub, OTHER)
    desk.sync()
    opened.choose(earned)
    opened.settle()
    dialog = dialog_of(opened, "save_badge", SaveBadgeDialog)
    assert isinstance(dialog, SaveBadgeDialog)
    out = tmp_path / "badges"
    dialog.into.choose(out)

    with opened.qtbot.waitSignal(dialog.saved):
        dialog.go.click()

    assert sorted(path.name for path in out.iterdir()) == [
        f"badge-{OTHER}.{one}" for one in ("json", "png", "svg")
    ]
    assert json.loads((out / f"badge-{OTHER}.json").read_bytes())["id"] == badge
    verdicts = desk.verify(sorted(out.iterdir()))
    assert [one.exit_code(frozenset({"revocation"})) for one in verdicts] == [0, 0, 0]


def test_the_dialog_is_named_for_who_does_not_see_it(earned: str, desk: Desk, hub: Hub, opened: Open) -> None:
    issue_badge(hub, OTHER)
    desk.sync()
    opened.choose(earned)
    opened.settle()
    dialog = dialog_of(opened, "save_badge", SaveBadgeDialog)
    assert nameless(dialog) == []
    pictures = [one.accessibleName() for one in dialog.findChildren(QLabel) if not one.pixmap().isNull()]
    assert pictures == ["The badge’s picture: Leveraging Formative Assessment During a Math Lesson"]
    dialog.reject()


def test_a_revoked_badge_is_not_saved(
    earned: str, desk: Desk, hub: Hub, opened: Open, tmp_path: Path
) -> None:
    issue_badge(hub, OTHER)
    desk.sync()
    opened.choose(earned)
    dialog = dialog_of(opened, "save_badge", SaveBadgeDialog)
    assert isinstance(dialog, SaveBadgeDialog)
    revoke_badge(hub, OTHER, "Issued by mistake")
    desk.sync()
    dialog.go.click()
    opened.qtbot.waitUntil(lambda: "revoked this badge" in dialog.trouble.text())
    dialog.reject()
    opened.session.refresh()
    opened.qtbot.waitUntil(lambda: "Its badge was revoked" in told(opened))
    assert not opened.workbench.reviewing.pane._badge.isVisible()
    with pytest.raises(Refused, match="revoked this badge"):
        desk.save_badge(earned, tmp_path)


def test_without_a_badge_there_is_nothing_to_save(earned: str, desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="has issued no badge"):
        desk.save_badge(earned, tmp_path)
