"""The accessibility tree of every screen there is: whatever takes the keys has a name, and no dialog is forgotten."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from tests.gui.coaching.test_named_for_screen_readers import DIALOGS as COACHING
from tests.gui.conftest import Open
from tests.gui.deciding.test_named_for_everyone import DIALOGS as DECIDING
from tests.gui.deciding.test_named_for_everyone import focusable, nameless

from assessor_desk import gui
from assessor_desk.desk.rubric_versions import RubricOffer
from assessor_desk.desk.source_standing import SourceStanding
from assessor_desk.domain.anchor import Anchor, Whole
from assessor_desk.domain.earlier import EarlierAttempt, EarlierFeedback
from assessor_desk.domain.feedback import Finding
from assessor_desk.domain.policy import CheckState, MovePolicy
from assessor_desk.domain.republished import moving
from assessor_desk.gui import app, verifying
from assessor_desk.gui.dialogs.change_passphrase import ChangePassphraseDialog
from assessor_desk.gui.dialogs.connect import ConnectDialog
from assessor_desk.gui.dialogs.decide_anew import DecideAnewDialog
from assessor_desk.gui.dialogs.devices import DevicesDialog
from assessor_desk.gui.dialogs.earlier_feedback import EarlierFeedbackDialog
from assessor_desk.gui.dialogs.evidence_here import EvidenceHereDialog
from assessor_desk.gui.dialogs.export import ExportDialog
from assessor_desk.gui.dialogs.export_copy import ExportCopyDialog
from assessor_desk.gui.dialogs.help_sheet import HelpSheet
from assessor_desk.gui.dialogs.identity import IdentityDialog
from assessor_desk.gui.dialogs.keep_finding import KeepDialog
from assessor_desk.gui.dialogs.move_rubric import MoveRubricDialog
from assessor_desk.gui.dialogs.name_anchor import NameAnchorDialog
from assessor_desk.gui.dialogs.name_filter import NameFilterDialog
from assessor_desk.gui.dialogs.remembering import Remembering
from assessor_desk.gui.dialogs.restore import RestoreDialog
from assessor_desk.gui.dialogs.save_badge import SaveBadgeDialog
from assessor_desk.gui.dialogs.seal import SealDialog
from assessor_desk.gui.dialogs.settings import SettingsDialog
from assessor_desk.gui.dialogs.shortcuts import ShortcutsDialog
from assessor_desk.gui.dialogs.work_before import WorkBeforeDialog
from assessor_desk.gui.pages.first_run import FirstRun
from assessor_desk.gui.pages.locked import Locked
from assessor_desk.gui.pages.unlock import Openers, Unlock
from assessor_desk.gui.palette import Entry, Palette
from assessor_desk.gui.sync_panel import SyncPanel
from assessor_desk.gui.tasks import Tasks

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
FINDING = Finding("F12", CheckState.WARN, "", None, "Short")
BEFORE = EarlierAttempt(1, (), EarlierFeedback("not_yet", "Close.", ()))
#: Opened by other tests, which look at the same: tests/gui/deciding/test_decide_anew.py.
ELSEWHERE: set[type[QDialog]] = {*COACHING, *DECIDING.values(), DecideAnewDialog, SaveBadgeDialog}


def _remembering(opened: Open) -> Remembering:
    return Remembering(opened.session, opened.preferences, opened.workbench)


def _republished(case: Any) -> RubricOffer:
    """The rubric in another version."""
    first, *others = case.rubric.criteria
    anew = replace(case.rubric, version="2031.1", criteria=(replace(first, title="Other words"), *others))
    return RubricOffer(MovePolicy.MAY, moving(case.review, case.rubric, anew))


DIALOGS: dict[type[QDialog], Callable[[Open, Any], QDialog]] = {
    ChangePassphraseDialog: lambda opened, _: ChangePassphraseDialog(opened.session, opened.workbench),
    ConnectDialog: lambda opened, _: ConnectDialog(opened.session, opened.workbench),
    EarlierFeedbackDialog: lambda opened, _: EarlierFeedbackDialog(BEFORE, opened.workbench),
    ExportCopyDialog: lambda opened, case: ExportCopyDialog(
        opened.session, case.submission.id, case.submission.artifacts[0], opened.workbench
    ),
    ExportDialog: lambda opened, case: ExportDialog(
        opened.session, case, opened.preferences, opened.workbench
    ),
    HelpSheet: lambda opened, _: HelpSheet(opened.workbench.actions_table, opened.workbench),
    IdentityDialog: lambda opened, _: IdentityDialog(
        opened.session.tasks, opened.session.desk, parent=opened.workbench
    ),
    DevicesDialog: lambda opened, _: DevicesDialog(
        opened.session.tasks, opened.session.desk, opened.workbench
    ),
    KeepDialog: lambda opened, case: KeepDialog(
        opened.session, case.submission.id, FINDING, parent=opened.workbench
    ),
    MoveRubricDialog: lambda opened, case: MoveRubricDialog(
        opened.session, replace(case, offer=_republished(case)), opened.workbench
    ),
    WorkBeforeDialog: lambda opened, case: WorkBeforeDialog(
        opened.session, [replace(case, set_aside=True)], opened.preferences, opened.workbench
    ),
    NameAnchorDialog: lambda opened, case: NameAnchorDialog(
        opened.session, case.submission.id, Anchor("a1", "plan", Whole()), opened.workbench
    ),
    NameFilterDialog: lambda opened, _: NameFilterDialog("To decide", opened.workbench),
    Palette: lambda opened, _: Palette([Entry("Settings…", "", lambda: None)], opened.workbench),
    RestoreDialog: lambda opened, _: RestoreDialog(
        opened.session.tasks, opened.session.desk.snapshots, opened.workbench
    ),
    EvidenceHereDialog: lambda opened, _: EvidenceHereDialog(opened.session, opened.workbench),
    SealDialog: lambda opened, case: SealDialog(opened.session, case, opened.workbench),
    SettingsDialog: lambda opened, _: SettingsDialog(
        opened.preferences, opened.workbench, _remembering(opened)
    ),
    ShortcutsDialog: lambda opened, _: ShortcutsDialog(opened.preferences, opened.workbench),
    SyncPanel: lambda opened, _: SyncPanel(
        [SourceStanding("1", "Lakeside hub", NOW)],
        lambda: NOW,
        by_itself=True,
        why_paused="",
        parent=opened.workbench,
    ),
}


def dialogs_of_the_window() -> set[type[QDialog]]:
    """Every class of dialog in the room, but those that others are made from."""
    for module in pkgutil.walk_packages(gui.__path__, f"{gui.__name__}."):
        importlib.import_module(module.name)
    found, more = set[type[QDialog]](), list(QDialog.__subclasses__())
    while more:
        one = more.pop()
        more += one.__subclasses__()
        if one.__module__.startswith(gui.__name__) and not one.__subclasses__():
            found.add(one)
    return found


@pytest.fixture
def case(opened: Open, own_id: str) -> Any:
    """A submission that was checked, open in the window."""
    opened.session.desk.record_completeness(own_id)
    opened.choose(own_id)
    return opened.session.case


def test_no_dialog_is_forgotten() -> None:
    assert dialogs_of_the_window() == set(DIALOGS) | ELSEWHERE


@pytest.mark.parametrize("kind", DIALOGS, ids=lambda kind: kind.__name__)
def test_everything_in_a_dialog_that_takes_the_keys_has_a_name(
    opened: Open, case: Any, kind: type[QDialog]
) -> None:
    dialog = DIALOGS[kind](opened, case)
    dialog.show()
    opened.settle()
    assert type(dialog) is kind
    assert list(focusable(dialog))
    assert nameless(dialog) == []
    dialog.close()
    dialog.deleteLater()


def test_everything_in_the_assessors_window_has_a_name(opened: Open, case: Any) -> None:
    for criterion in case.rubric.criteria:
        opened.workbench.rubric.activate(criterion.id)
        QApplication.processEvents()
        assert nameless(opened.window) == []


def test_everything_in_the_window_for_packets_has_a_name(opened: Open, case: Any) -> None:
    window = verifying.verify_window(opened.session)
    window.show()
    assert list(focusable(window))
    assert nameless(window) == []
    window.close()
    window.deleteLater()


@pytest.fixture
def first_run(tmp_path: Path, tasks: Tasks, qtbot: QtBot) -> Iterator[FirstRun]:
    pages = FirstRun(tmp_path / "new", tasks, app.create_desk)
    qtbot.addWidget(pages)
    pages.show()
    yield pages
    tasks.drain()


def test_everything_on_the_first_page_has_a_name(first_run: FirstRun) -> None:
    assert list(focusable(first_run))
    assert nameless(first_run) == []


def test_everything_on_the_page_that_unlocks_has_a_name(tmp_path: Path, tasks: Tasks, qtbot: QtBot) -> None:
    def refuse(*_: object) -> Any:
        raise AssertionError("nothing is unlocked here")

    pages = Unlock(tmp_path, tasks, Openers(refuse, refuse, refuse))
    qtbot.addWidget(pages)
    pages.show()
    for number in range(pages.count()):
        pages.setCurrentIndex(number)
        assert list(focusable(pages))
        assert nameless(pages) == []


def test_everything_on_the_page_of_a_locked_window_has_a_name(qtbot: QtBot) -> None:
    page = Locked()
    qtbot.addWidget(page)
    page.show()
    assert list(focusable(page))
    assert nameless(page) == []


def test_the_walk_finds_what_has_no_name(qtbot: QtBot) -> None:
    """It is seen to fail: a bare field has none."""
    page = QWidget()
    qtbot.addWidget(page)
    field = QLineEdit(page)
    page.show()
    assert nameless(page) == ["QLineEdit "]
    field.setAccessibleName("Its name")
    assert nameless(page) == []
