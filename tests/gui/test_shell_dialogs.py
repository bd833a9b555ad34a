"""Palette, settings, shortcuts, help and notices."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from assessor_desk.desk import Changes
from assessor_desk.domain.errors import Unavailable
from assessor_desk.domain.feedback import Finding
from assessor_desk.domain.policy import CheckState
from assessor_desk.gui import theme
from assessor_desk.gui.actions import TABLE
from assessor_desk.gui.controls import KeyCap
from assessor_desk.gui.dialogs import settings
from assessor_desk.gui.dialogs.help_sheet import HelpSheet
from assessor_desk.gui.dialogs.keep_finding import KeepDialog
from assessor_desk.gui.dialogs.settings import SettingsDialog
from assessor_desk.gui.dialogs.shortcuts import ShortcutsDialog
from assessor_desk.gui.notices import MOST, Notices
from assessor_desk.gui.palette import MOST as MOST_FOUND
from assessor_desk.gui.palette import Entry, Palette, find, matches
from assessor_desk.gui.preferences import Preferences
from assessor_desk.settings import Settings

# -- palette -----------------------------------------------------------------------------------------------


def _titles(words: str, *titles: str) -> list[str]:
    return [entry.title for entry in find(words, [Entry(title, "", lambda: None) for title in titles])]


def test_what_begins_with_the_letters_comes_before_what_holds_them_somewhere() -> None:
    assert _titles("se", "Close", "Review and seal", "Settings") == ["Settings", "Review and seal", "Close"]


def test_letters_in_order_with_gaps_are_enough() -> None:
    assert _titles("7f21", "7F3A-21 · Formative", "C01E-08 · Rigor") == ["7F3A-21 · Formative"]
    assert _titles("rs", "Review and seal", "Keyboard shortcuts") == ["Review and seal"]
    assert matches("zq", "Settings") is None


def test_letters_scattered_inside_words_find_nothing() -> None:
    assert _titles("seal", "Close and lock", "Begin a correction") == []


def test_no_letters_list_everything_in_its_order_up_to_a_limit() -> None:
    titles = [f"Entry {number:02}" for number in range(60)]
    assert _titles("", *titles) == titles[:MOST_FOUND]


def test_the_palette_goes_to_a_submission_by_keyboard(opened: Any) -> None:
    opened.workbench.run("palette")
    palette = QApplication.activePopupWidget()
    assert isinstance(palette, Palette)
    opened.qtbot.keyClicks(palette.field, "7f3a-02")
    opened.qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    opened.settle()
    assert opened.session.case.submission.key == "7F3A-02"


def test_the_palette_offers_only_what_can_be_done_now(opened: Any, own_id: str) -> None:
    opened.workbench.run("palette")
    palette = QApplication.activePopupWidget()
    assert isinstance(palette, Palette)
    assert "Settings" in palette.titles
    assert "Undo" not in palette.titles
    opened.qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    assert palette.list.currentRow() == 1
    palette.reject()


# -- settings ----------------------------------------------------------------------------------------------


@pytest.fixture
def preferences(tmp_path: Any) -> Preferences:
    """Preferences of a folder of their own."""
    return Preferences(Settings.load(tmp_path))


def test_a_setting_takes_effect_and_is_kept_at_once(
    preferences: Preferences, tmp_path: Any, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "can_tell_metered", lambda: True)
    dialog = SettingsDialog(preferences)
    qtbot.addWidget(dialog)
    with qtbot.waitSignal(dialog.changed):
        dialog.appearance.setCurrentText("Dark")
    assert theme.is_dark()
    dialog.text_size.setCurrentText("Large")
    dialog.interval.setCurrentText("Only when I ask")
    dialog.single_keys.setChecked(False)
    dialog.metered.setChecked(False)
    kept = Preferences(Settings.load(tmp_path))
    assert kept.appearance is theme.Appearance.DARK
    assert kept.text_size == pytest.approx(1.15)
    assert (kept.sync_minutes, kept.single_keys, kept.pause_on_metered) == (0, False, False)
    theme.apply(theme.Appearance.LIGHT)


def test_pausing_on_a_metered_connection_is_offered_only_where_the_system_can_tell(
    preferences: Preferences, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = []
    for possible in (False, True):
        monkeypatch.setattr(settings, "can_tell_metered", lambda told=possible: told)
        dialog = SettingsDialog(preferences)
        qtbot.addWidget(dialog)
        shown.append(dialog.metered.isVisibleTo(dialog))
    assert shown == [False, True]


def test_settings_are_shown_as_they_are(preferences: Preferences, qtbot: QtBot) -> None:
    preferences.appearance = theme.Appearance.CONTRAST
    preferences.sync_minutes = 60
    dialog = SettingsDialog(preferences)
    qtbot.addWidget(dialog)
    assert dialog.appearance.currentText() == "High contrast"
    assert dialog.interval.currentText() == "Every hour"


def test_a_setting_of_another_version_counts_as_the_default(preferences: Preferences) -> None:
    preferences._settings.set("appearance", "sepia")
    preferences._settings.set("text_size", 40.0)
    preferences._settings.set("pane_widths", "wide,narrow")
    assert preferences.appearance is theme.Appearance.SYSTEM
    assert preferences.text_size == 2.0
    assert preferences.pane_widths == []


# -- shortcuts ---------------------------------------------------------------------------------------------


@pytest.fixture
def shortcuts(preferences: Preferences, qtbot: QtBot) -> ShortcutsDialog:
    """The editor of keys."""
    dialog = ShortcutsDialog(preferences)
    qtbot.addWidget(dialog)
    return dialog


def _press(dialog: ShortcutsDialog, key: str) -> None:
    dialog.key_field.setKeySequence(QKeySequence(key))
    dialog.key_field.editingFinished.emit()


def test_the_editor_shows_only_what_fits_the_letters_and_begins_there(shortcuts: ShortcutsDialog) -> None:
    shortcuts.filter.setText("One picture")
    shown = [line.text(0) for line in shortcuts.lines() if not line.isHidden()]
    assert shown == ["One picture back", "One picture on"]
    assert shortcuts.current == "step_back"
    tops = [shortcuts.tree.topLevelItem(place) for place in range(shortcuts.tree.topLevelItemCount())]
    assert [top.text(0) for top in tops if not top.isHidden()] == ["Recording, while it has the focus"]


def test_every_act_can_be_given_another_key(
    shortcuts: ShortcutsDialog, preferences: Preferences, qtbot: QtBot
) -> None:
    assert len(shortcuts.lines()) == len(TABLE)
    shortcuts.choose("inbox")
    with qtbot.waitSignal(shortcuts.changed):
        _press(shortcuts, "Ctrl+I")
    assert preferences.own_keys == {"inbox": ("Ctrl+I",)}
    shortcuts.add.setChecked(True)
    _press(shortcuts, "Ctrl+J")
    assert preferences.own_keys == {"inbox": ("Ctrl+I", "Ctrl+J")}


def test_a_key_that_does_something_else_is_named_and_not_taken(
    shortcuts: ShortcutsDialog, preferences: Preferences
) -> None:
    shortcuts.choose("inbox")
    _press(shortcuts, "Ctrl+Z")
    assert "“Undo”" in shortcuts.trouble.text()
    assert preferences.own_keys == {}


def test_a_key_can_be_taken_away_and_put_back(shortcuts: ShortcutsDialog, preferences: Preferences) -> None:
    shortcuts.choose("inbox")
    shortcuts.clear.click()
    assert preferences.own_keys == {"inbox": ()}
    shortcuts.restore.click()
    assert preferences.own_keys == {}


def test_a_key_given_away_meanwhile_is_not_put_back_twice(
    shortcuts: ShortcutsDialog, preferences: Preferences
) -> None:
    shortcuts.choose("inbox")
    _press(shortcuts, "Ctrl+I")
    shortcuts.choose("settings")
    _press(shortcuts, "Ctrl+B")
    shortcuts.choose("inbox")
    shortcuts.restore.click()
    assert "“Settings”" in shortcuts.trouble.text()
    assert preferences.own_keys["inbox"] == ("Ctrl+I",)


def test_the_editor_finds_an_act_by_its_key(shortcuts: ShortcutsDialog) -> None:
    shortcuts.filter.setText("ctrl+k")
    seen = [line.text(0) for line in shortcuts.lines() if not line.isHidden()]
    assert seen == ["Find a command or a submission"]


# -- help --------------------------------------------------------------------------------------------------


def test_the_help_sheet_names_every_act_with_the_keys_in_force(opened: Any) -> None:
    opened.workbench.actions_table.set_keys({"inbox": ("Ctrl+I",)}, single_keys=True)
    sheet = HelpSheet(opened.workbench.actions_table, opened.window)
    words = {label.text() for label in sheet.findChildren(QLabel)}
    caps = {cap.text() for cap in sheet.findChildren(KeyCap)}
    told = {action.title.rstrip("…") for action in TABLE if not action.id.startswith("level_")}
    assert told <= words
    assert "Ctrl+I" in caps
    assert "1 … 6" in caps
    sheet.deleteLater()


# -- notices -----------------------------------------------------------------------------------------------


@pytest.fixture
def notices(qtbot: QtBot) -> Iterator[Notices]:
    """Notices over a window."""
    window = QWidget()
    window.resize(800, 600)
    qtbot.addWidget(window)
    told = Notices()
    told.settle_on(window)
    window.show()
    yield told
    window.close()


def test_the_same_sentence_is_told_once(notices: Notices) -> None:
    notices.tell("Saved.")
    notices.tell("Saved.")
    assert notices.sentences == ["Saved."]


def test_older_notices_make_room_for_newer_ones(notices: Notices) -> None:
    for number in range(MOST + 2):
        notices.tell(f"Sentence {number}.")
    assert notices.sentences == [f"Sentence {number}." for number in range(2, MOST + 2)]


def test_of_several_notices_every_line_is_shown(notices: Notices) -> None:
    """Each as high as its sentence takes at this width, and the stack as high as all of them."""
    for number in range(MOST):
        words = f"The disk {number} with your desk is full, so that what you typed is not saved yet. " * 2
        notices.tell(words, "danger", ("Copy it and leave", lambda: None))
        QApplication.processEvents()
    labels = notices.findChildren(QLabel)
    assert len(labels) == MOST
    assert [label.height() >= label.heightForWidth(label.width()) for label in labels] == [True] * MOST
    boxes = [label.parentWidget().geometry() for label in labels]
    assert not any(one.intersects(other) for one, other in combinations(boxes, 2))
    assert notices.rect().contains(boxes[-1])


def test_what_is_told_before_there_is_a_window_is_told_in_it(qtbot: QtBot) -> None:
    early, window = Notices(), QWidget()
    qtbot.addWidget(window)
    early.tell("Told early.")
    assert not early.isVisible()
    window.show()
    early.settle_on(window)
    assert early.isVisible()


def test_an_act_of_a_notice_is_done_and_the_notice_goes(notices: Notices) -> None:
    done: list[str] = []
    notices.tell("Something went wrong.", "danger", ("Copy details", lambda: done.append("copied")))
    notices.findChild(QPushButton).click()
    assert done == ["copied"]
    assert notices.sentences == []


def test_notices_lie_over_the_evidence_and_over_no_controls(opened: Any, own_id: str) -> None:
    opened.choose(own_id)
    evidence, notices = opened.workbench.evidence, opened.session.notices
    opened.qtbot.waitUntil(lambda: evidence.viewer is not None)
    notices.tell("One thing was done.")
    notices.tell("Another was not. It stays here.", "danger")
    stage = evidence.viewer.stage
    room = QRect(stage.mapTo(opened.window, QPoint(0, 0)), stage.size())
    assert room.contains(notices.geometry())
    notices.clear()


# -- keeping a finding -------------------------------------------------------------------------------------


@pytest.fixture
def keeping(opened: Any, own_id: str) -> KeepDialog:
    """The question why a finding of a checked submission is kept."""
    opened.session.desk.record_completeness(own_id)
    opened.choose(own_id)
    dialog = KeepDialog(
        opened.session, own_id, Finding("F12", CheckState.WARN, "", None, "Short"), parent=opened.workbench
    )
    dialog.open()
    return dialog


def test_a_reason_must_be_one_that_others_can_follow(keeping: KeepDialog) -> None:
    keeping.reason.setPlainText("ok")
    assert not keeping.keep.isEnabled()
    assert "13 more characters" in keeping.hint.text()
    keeping.reason.setPlainText("The overall text is short on purpose")
    assert keeping.keep.isEnabled()
    keeping.reject()


def test_ctrl_enter_keeps_with_the_reason_and_closes(
    keeping: KeepDialog, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[str] = []
    monkeypatch.setattr(
        "assessor_desk.desk.Desk.keep_finding",
        lambda _desk, _own, _check, _subject, reason: kept.append(reason) or Changes(),
    )
    keeping.reason.setPlainText("The overall text is short on purpose")
    opened.qtbot.keyClick(keeping.reason, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    opened.settle()
    assert kept == ["The overall text is short on purpose"]
    assert not keeping.isVisible()


def test_a_reason_that_the_disk_refuses_stays_where_it_was_typed(
    keeping: KeepDialog, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise Unavailable("The disk is full")

    monkeypatch.setattr("assessor_desk.desk.Desk.keep_finding", full)
    keeping.reason.setPlainText("The overall text is short on purpose")
    keeping.keep.click()
    opened.qtbot.waitUntil(lambda: "could not be saved" in keeping.hint.text())
    assert keeping.isVisible()
    assert keeping.reason.toPlainText() == "The overall text is short on purpose"
    keeping.reject()
    opened.session.notices.clear()
