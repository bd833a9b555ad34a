"""What evidence takes on this computer is seen and let go of: in the inbox's menu, and of several at once."""

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from tests.gui.conftest import Open

from assessor_desk.gui.dialogs.evidence_here import EvidenceHereDialog
from assessor_desk.gui.offline_menu import OfflineMenu


def dialog_on(opened: Open) -> EvidenceHereDialog:
    dialog = EvidenceHereDialog(opened.session, opened.workbench)
    opened.qtbot.waitUntil(lambda: dialog.list.topLevelItemCount() > 0)
    return dialog


def test_several_are_freed_at_once_and_the_list_says_what_is_not_here(opened: Open) -> None:
    dialog = dialog_on(opened)
    assert not dialog.free.isEnabled()
    dialog.list.selectAll()
    assert dialog.free.isEnabled()
    dialog.free.click()
    opened.settle()
    opened.qtbot.waitUntil(lambda: dialog.list.topLevelItem(0).text(4) == "space freed")
    assert dialog.list.topLevelItem(0).text(1) == "–"
    assert {row.offline for row in opened.session.desk.inbox() if row.parked_bytes} == {"freed"}
    dialog.close()


def test_what_is_open_in_the_window_is_not_freed(opened: Open, own_id: str) -> None:
    opened.choose(own_id)
    dialog = dialog_on(opened)
    dialog.list.selectAll()
    dialog.free.click()
    assert "open in the window" in dialog.trouble.text()
    assert all(not row.offline for row in opened.session.desk.inbox())
    dialog.close()


def test_a_limit_is_kept_and_shown_again(opened: Open) -> None:
    dialog = dialog_on(opened)
    dialog.limit.setCurrentIndex(dialog.limit.findText("At most 5 GB"))
    dialog.limit.activated.emit(dialog.limit.currentIndex())
    opened.qtbot.waitUntil(lambda: "of 5.0 GB" in dialog.used.text())
    dialog.close()
    again = dialog_on(opened)
    opened.qtbot.waitUntil(lambda: again.limit.currentText() == "At most 5 GB")
    again.close()


def test_the_inboxs_menu_frees_and_fetches_with_sizes(opened: Open, own_id: str) -> None:
    wanted: list[str] = []
    menus = OfflineMenu(
        opened.workbench.inbox, opened.session, lambda: wanted.append("sync"), lambda: wanted.append("all")
    )
    row = next(one for one in opened.session.desk.inbox() if one.submission_id == own_id)
    menu = menus.menu_for(row)
    offline, free, _, everything = menu.actions()
    assert "bytes" in free.text()
    free.trigger()
    opened.settle()
    row = next(one for one in opened.session.desk.inbox() if one.submission_id == own_id)
    assert (row.offline, row.ready_bytes) == ("freed", 0)
    offline, free, _, everything = menus.menu_for(row).actions()
    assert not free.isEnabled()
    offline.trigger()
    opened.settle()
    everything.trigger()
    assert wanted == ["sync", "all"]


def test_the_right_button_opens_no_submission(opened: Open) -> None:
    inbox = opened.workbench.inbox
    at = QPointF(inbox.list.visualRect(inbox.list.model().index(1, 0)).center())
    right = Qt.MouseButton.RightButton
    press = QMouseEvent(
        QEvent.Type.MouseButtonPress,
        at,
        inbox.list.viewport().mapToGlobal(at),
        right,
        right,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(inbox.list.viewport(), press)
    opened.settle()
    assert opened.session.case is None
