"""Cohort report and export of a selection in the window: chosen, told beforehand, made, cancelled, gone on with."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget
from tests.desk.many_decided import fill
from tests.gui.conftest import SETTLES_MS, Open
from tests.gui.deciding.making import KEY, PASSPHRASE
from tests.gui.deciding.test_deciding_pane import dialog_of
from tests.reports.cohort_rows import DISTRICTS, MATHS, POLICY, RELATIONSHIPS, shipped, some_rows

from assessor_desk.desk import Desk, cohort
from assessor_desk.domain.exports import CohortFormat, ExportFormat, Gathered
from assessor_desk.domain.period import Period
from assessor_desk.domain.rubric import Outcome
from assessor_desk.gui import theme
from assessor_desk.gui.dialogs.cohort_report import CohortReportDialog
from assessor_desk.gui.dialogs.export import ExportDialog
from assessor_desk.gui.dialogs.export_many import ExportManyDialog
from assessor_desk.gui.dialogs.preview_report import ReportPreview

ROWS = some_rows(120, names=(MATHS, RELATIONSHIPS))
WRITES_MS = 20_000


@pytest.fixture
def many(desk: Desk) -> Desk:
    """A desk on which a hundred and twenty submissions are decided."""
    fill(desk, ROWS, map(shipped, (MATHS, RELATIONSHIPS)), POLICY)
    return desk


@pytest.fixture
def cohort_dialog(many: Desk, opened: Open, tmp_path: Path) -> CohortReportDialog:
    dialog = dialog_of(opened, "cohort_report", CohortReportDialog)
    assert isinstance(dialog, CohortReportDialog)
    dialog.choose_folder(tmp_path / "out")
    told(opened, dialog)
    return dialog


@pytest.fixture
def export_dialog(desk: Desk, opened: Open, tmp_path: Path) -> ExportManyDialog:
    """One submission is decided, its report released."""
    own_id = desk.find(KEY)
    desk.decide(own_id, PASSPHRASE)
    assert desk.sync().troubles == ()
    desk.release([own_id], PASSPHRASE, tmp_path / "released")
    dialog = dialog_of(opened, "export_many", ExportManyDialog)
    assert isinstance(dialog, ExportManyDialog)
    dialog.choose_folder(tmp_path / "out")
    told(opened, dialog)
    return dialog


def told(opened: Open, dialog: CohortReportDialog | ExportManyDialog) -> str:
    """What the choice amounts to, once it is known."""
    opened.qtbot.waitUntil(lambda: dialog.outlook is not None, timeout=SETTLES_MS)
    return dialog.told.text()


def pick(choice: QComboBox, words: str) -> None:
    """Choose by what is read, as with the keyboard."""
    place = choice.findText(words, Qt.MatchFlag.MatchStartsWith)
    assert place >= 0, [choice.itemText(one) for one in range(choice.count())]
    choice.setCurrentIndex(place)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file()) if folder.exists() else []


# -- the cohort report -------------------------------------------------------------------------------------


def test_what_a_report_covers_and_hides_is_told_as_one_chooses(
    cohort_dialog: CohortReportDialog, opened: Open
) -> None:
    assert "Covers all 120 decisions" in cohort_dialog.told.text()
    assert "below 10" in cohort_dialog.told.text()
    assert "lets the programme see every decision, released or not" in cohort_dialog.may_see.text()

    pick(cohort_dialog.selection.micro_credential, shipped(MATHS).title)
    of_one = sum(row.micro_credential == MATHS for row in ROWS)
    assert f"Covers all {of_one} decisions" in told(opened, cohort_dialog)

    pick(cohort_dialog.selection.period, "Between two days")
    for edit in (cohort_dialog.selection.since, cohort_dialog.selection.until):
        edit.setDate(QDate(2001, 1, 1))
    assert told(opened, cohort_dialog).startswith("Nothing is decided in this selection")

    cohort_dialog.selection.until.setDate(QDate(2000, 1, 1))
    assert cohort_dialog.told.text() == "The last day comes before the first."
    assert not cohort_dialog.go.isEnabled()
    cohort_dialog.reject()


def test_a_report_for_a_district_needs_its_name_and_says_what_policy_leaves_out(
    cohort_dialog: CohortReportDialog, opened: Open
) -> None:
    pick(cohort_dialog.whom, "A district")
    assert cohort_dialog.told.text() == "Choose the district that the report is for."
    assert not cohort_dialog.go.isEnabled()
    assert not cohort_dialog.may_see.text()

    pick(cohort_dialog.selection.district, DISTRICTS[1])
    own = [row for row in ROWS if row.district == DISTRICTS[1]]
    seen = [row for row in own if row.released_at and (row.agreed or row.outcome == "earned")]
    words = told(opened, cohort_dialog)
    assert f"Covers {len(seen)} of {len(own)} decisions" in words
    assert "that policy does not show" in words
    assert "what its own educators earned, once it was released" in cohort_dialog.may_see.text()
    cohort_dialog.reject()


def test_a_report_is_looked_at_before_it_is_written(
    cohort_dialog: CohortReportDialog, opened: Open, tmp_path: Path
) -> None:
    cohort_dialog.preview.click()
    [look] = cohort_dialog.findChildren(ReportPreview)
    opened.qtbot.waitUntil(lambda: bool(look.told), timeout=WRITES_MS)
    assert "Not written yet" in look.told
    scored = sum(row.outcome is not Outcome.INCOMPLETE for row in ROWS)
    assert f"{scored} reviews" in look.words.toPlainText()
    look.accept()
    assert files(tmp_path / "out") == []
    cohort_dialog.reject()


def test_a_report_is_written_told_of_and_its_choices_come_again(
    cohort_dialog: CohortReportDialog, opened: Open, many: Desk, tmp_path: Path
) -> None:
    pick(cohort_dialog.selection.micro_credential, shipped(MATHS).title)
    for form, box in cohort_dialog.formats.items():
        box.setChecked(form in (CohortFormat.CSV, CohortFormat.HTML))
    told(opened, cohort_dialog)
    with opened.qtbot.waitSignal(cohort_dialog.made, timeout=WRITES_MS):
        cohort_dialog.go.click()
    opened.settle()

    assert [Path(name).suffix for name in files(tmp_path / "out")] == [".csv", ".html"]
    assert any("The cohort report is written, 2 files" in one for one in opened.session.notices.sentences)
    again = dialog_of(opened, "cohort_report", CohortReportDialog)
    assert isinstance(again, CohortReportDialog)
    told(opened, again)
    assert again.selection.selection.micro_credentials == (MATHS,)
    assert again.chosen == (CohortFormat.HTML, CohortFormat.CSV)
    assert again.folder == tmp_path / "out"
    again.reject()


def test_a_cancelled_report_leaves_nothing_behind(
    cohort_dialog: CohortReportDialog, opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    going, goes_on = threading.Event(), threading.Event()

    def slowly(_: object) -> bytes:
        going.set()
        assert goes_on.wait(10)
        return b"a part"

    monkeypatch.setitem(cohort._WRITERS, CohortFormat.DOCX, slowly)  # type: ignore[arg-type]
    cohort_dialog.go.click()
    opened.qtbot.waitUntil(going.is_set, timeout=WRITES_MS)
    assert cohort_dialog.bar.isVisible()
    cohort_dialog.leave.click()
    assert cohort_dialog.told.text() == "Stopping…"
    goes_on.set()
    opened.qtbot.waitUntil(lambda: cohort_dialog.stop is None, timeout=WRITES_MS)

    assert cohort_dialog.told.text() == "Cancelled. Nothing was written."
    assert files(tmp_path / "out") == []
    told(opened, cohort_dialog)
    assert cohort_dialog.go.isEnabled()
    cohort_dialog.reject()


def test_a_folder_that_cannot_be_written_is_told_in_place(
    cohort_dialog: CohortReportDialog, opened: Open, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_bytes(b"")
    cohort_dialog.choose_folder(tmp_path / "taken")
    cohort_dialog.go.click()
    opened.qtbot.waitUntil(cohort_dialog.trouble.isVisible, timeout=WRITES_MS)
    assert "choose another folder" in cohort_dialog.trouble.text()
    told(opened, cohort_dialog)
    cohort_dialog.reject()


def test_before_anything_is_decided_the_window_says_so(opened: Open) -> None:
    dialog = dialog_of(opened, "cohort_report", CohortReportDialog)
    assert isinstance(dialog, CohortReportDialog)
    opened.qtbot.waitUntil(lambda: "Nothing is decided on this desk yet" in dialog.told.text())
    assert not dialog.go.isEnabled()
    dialog.reject()


def test_a_report_is_chosen_and_written_by_keyboard_alone(many: Desk, opened: Open, tmp_path: Path) -> None:
    opened.preferences.export_folder = str(tmp_path / "out")
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(opened.window, Qt.Key.Key_J, modifiers)
    opened.qtbot.waitUntil(lambda: bool(opened.window.findChildren(CohortReportDialog)), timeout=SETTLES_MS)
    [dialog] = opened.window.findChildren(CohortReportDialog)
    told(opened, dialog)
    come_to = []
    QTest.keyClick(dialog.selection.period, Qt.Key.Key_Down)
    assert dialog.selection.kept["period"] == Period.TERM.value
    QTest.keyClick(dialog.selection.period, Qt.Key.Key_Up)
    told(opened, dialog)
    dialog.selection.micro_credential.setFocus()
    while dialog.focusWidget() is not dialog.go:
        focused = dialog.focusWidget()
        assert isinstance(focused, QWidget)
        come_to.append(focused.accessibleName() or getattr(focused, "text", str)())
        if isinstance(focused, QCheckBox) and focused is not dialog.formats[CohortFormat.CSV]:
            QTest.keyClick(focused, Qt.Key.Key_Space)
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    assert come_to == [
        "Micro-credential", "District", "Decided", "For", "PDF", "Word", "Web page", "Workbook", "Table",
        "Change the folder", "Preview", "Cancel",
    ]  # fmt: skip
    with opened.qtbot.waitSignal(dialog.made, timeout=WRITES_MS):
        QTest.keyClick(dialog.go, Qt.Key.Key_Space)
    opened.settle()
    assert [Path(name).suffix for name in files(tmp_path / "out")] == [".csv"]


@pytest.mark.parametrize("text_size", [1.0, 2.0])
def test_the_foot_stays_whole_on_a_small_screen(
    cohort_dialog: CohortReportDialog, opened: Open, text_size: float
) -> None:
    theme.apply(theme.Appearance.LIGHT, text_size)
    cohort_dialog.resize(660, 340)
    opened.settle()
    for button in (cohort_dialog.preview, cohort_dialog.leave, cohort_dialog.go):
        assert button.width() >= button.sizeHint().width()
        assert cohort_dialog.rect().contains(button.mapTo(cohort_dialog, button.rect().bottomRight()))
    cohort_dialog.reject()


# -- the export of a selection -----------------------------------------------------------------------------


def test_a_selection_is_exported_each_kind_into_its_folder(
    export_dialog: ExportManyDialog, opened: Open, tmp_path: Path
) -> None:
    assert export_dialog.told.text() == "1 decided submission, its report released."
    with opened.qtbot.waitSignal(export_dialog.made, timeout=WRITES_MS):
        export_dialog.go.click()
    opened.settle()

    out = tmp_path / "out"
    assert sorted(path.name for path in out.iterdir()) == ["decisions", "packets", "reports"]
    assert files(out / "reports") == [f"{KEY}-feedback.{one}" for one in ("docx", "html", "pdf")]
    assert any("Exported 5 files" in one for one in opened.session.notices.sentences)


def test_what_cannot_be_exported_is_listed_with_the_reason(desk: Desk, opened: Open, tmp_path: Path) -> None:
    desk.decide(desk.find(KEY), PASSPHRASE)
    dialog = dialog_of(opened, "export_many", ExportManyDialog)
    assert isinstance(dialog, ExportManyDialog)
    dialog.choose_folder(tmp_path / "out")
    assert "1 of its reports not released yet" in told(opened, dialog)
    with opened.qtbot.waitSignal(dialog.made, timeout=WRITES_MS):
        dialog.go.click()
    opened.settle()

    assert dialog.left_out.toPlainText() == f"{KEY}: The report on {KEY} is not released yet."
    assert "2 files written" in dialog.told.text()
    dialog.reject()


def test_a_stopped_export_is_gone_on_with_and_writes_the_rest(
    export_dialog: ExportManyDialog, opened: Open, tmp_path: Path
) -> None:
    with opened.qtbot.waitSignal(export_dialog._progressed, timeout=WRITES_MS):
        export_dialog.go.click()
    export_dialog.leave.click()
    opened.qtbot.waitUntil(lambda: export_dialog.stop is None, timeout=WRITES_MS)
    before = files(tmp_path / "out")
    assert len(before) < 5
    assert "goes on with the rest" in export_dialog.told.text()
    assert export_dialog.go.text() == "Go on"
    assert not [name for name in before if "unfinished" in name]
    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.*") if path.is_file()}

    with opened.qtbot.waitSignal(export_dialog.made, timeout=WRITES_MS):
        export_dialog.go.click()
    opened.settle()
    assert len(files(tmp_path / "out")) == 5
    assert {path: path.stat().st_mtime_ns for path in written} == written


def test_at_least_one_kind_is_wanted(export_dialog: ExportManyDialog, opened: Open) -> None:
    for box in export_dialog.kinds.values():
        box.setChecked(False)
    assert not export_dialog.go.isEnabled()
    assert export_dialog.go.toolTip() == "Choose what to export"
    export_dialog.kinds[Gathered.PACKETS].setChecked(True)
    assert export_dialog.go.isEnabled()
    export_dialog.reject()


def test_of_one_submission_a_reviewer_exports_the_delivered_record(
    opened: Open, desk: Desk, tmp_path: Path
) -> None:
    opened.workbench.inbox.choose(desk.find(KEY))
    opened.settle()
    dialog = dialog_of(opened, "export", ExportDialog)
    assert isinstance(dialog, ExportDialog)
    possible = {form for form, button in dialog.choices.items() if button.isEnabled()}
    assert possible == {ExportFormat.PDF, ExportFormat.DOCX, ExportFormat.CSV}
    dialog.into.choose(tmp_path / "out")
    dialog.choices[ExportFormat.PDF].setChecked(True)
    with opened.qtbot.waitSignal(dialog.exported, timeout=WRITES_MS):
        dialog.go.click()
    opened.settle()
    assert files(tmp_path / "out") == [f"record-{KEY}.pdf"]
