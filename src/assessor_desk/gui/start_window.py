"""The first window: unlock a desk, or make one.

Making one takes three calm pages: a passphrase, the recovery key (shown once, confirmed by typing a part of
it), and the hub. A desk whose passphrase is lost opens with the recovery key.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.gui.controls import outlined_button, primary_button, quiet_button
from assessor_desk.gui.tasks import Tasks

if TYPE_CHECKING:
    from assessor_desk.desk import Desk

#: Shortest passphrase taken; longer beats stranger (NIST SP 800-63B, section 5.1.1).
SHORTEST = 8
GOOD = 15
_SLOWER_MS = 1000


class StartWindow(QWidget):
    """Pages in one window; `opened` carries the desk."""

    opened = Signal(object)

    def __init__(self, folder: Path, tasks: Tasks) -> None:
        super().__init__()
        self._folder = folder
        self._tasks = tasks
        self._refusals = 0
        self._desk: Desk | None = None
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle("Assessor Desk")
        self.resize(1100, 720)
        self._pages = QStackedWidget(self)
        self._trouble = QLabel(self)
        self._trouble.setObjectName("trouble")
        self._trouble.setWordWrap(True)
        self._trouble.setMaximumWidth(440)
        self._trouble.hide()
        column = QVBoxLayout(self)
        column.addStretch(2)
        column.addWidget(self._pages, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._trouble, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        self._show(self._unlock_page() if _is_desk(folder) else self._passphrase_page())

    def open_with(self, passphrase: str) -> None:
        """Open the desk with a passphrase, off the GUI thread."""
        folder = self._folder

        def work() -> Desk:
            from assessor_desk.desk import Desk

            return Desk.open(folder, passphrase)

        self._busy(True)
        self._tasks.store(work, self.opened.emit, self._on_refused)

    def refuse(self, words: str) -> None:
        """Say why it did not go."""
        self._busy(False)
        self._trouble.setText(words)
        self._trouble.show()

    # Pages

    def _page(self, title: str, words: str) -> tuple[QWidget, QVBoxLayout]:
        page = QWidget(self)
        page.setFixedWidth(440)
        column = QVBoxLayout(page)
        column.setSpacing(10)
        heading = QLabel(title, page)
        heading.setObjectName("headline")
        heading.setWordWrap(True)
        text = QLabel(words, page)
        text.setObjectName("muted")
        text.setWordWrap(True)
        column.addWidget(heading)
        column.addWidget(text)
        return page, column

    def _show(self, page: QWidget) -> None:
        while self._pages.count():
            if old := self._pages.widget(0):
                self._pages.removeWidget(old)
                old.deleteLater()
        self._trouble.hide()
        self._pages.addWidget(page)
        self._pages.setFixedHeight(page.sizeHint().height() + 24)
        field = page.findChild(QLineEdit)
        if field is not None:
            QTimer.singleShot(0, field, field.setFocus)

    def _unlock_page(self) -> QWidget:
        page, column = self._page("Open your desk", "Everything on it is encrypted with your passphrase.")
        field = _secret("Passphrase", page)
        go = primary_button("Open", page)
        go.setEnabled(False)
        field.textChanged.connect(lambda text: go.setEnabled(bool(text)))
        field.returnPressed.connect(go.click)
        go.clicked.connect(lambda: self.open_with(field.text()))
        lost = quiet_button("Lost your passphrase?", page)
        lost.clicked.connect(lambda: self._show(self._recovery_page()))
        column.addWidget(field)
        column.addLayout(_row(lost, None, go))
        return page

    def _recovery_page(self) -> QWidget:
        words = (
            "The recovery key opens your desk and lets you set a new passphrase. It does not open your signing key: "
            "ask your programme for a new code to enrol again."
        )
        page, column = self._page("Open with the recovery key", words)
        key = QLineEdit(page)
        key.setPlaceholderText("Recovery key")
        key.setAccessibleName("Recovery key")
        first, second, hint = _new_passphrase(page)
        go = primary_button("Set the passphrase and open", page)
        back = quiet_button("Back", page)
        back.clicked.connect(lambda: self._show(self._unlock_page()))
        go.clicked.connect(lambda: self._recover(key.text(), first.text()))
        _guard(first, second, hint, go)
        for widget in (key, first, second, hint):
            column.addWidget(widget)
        column.addLayout(_row(back, None, go))
        return page

    def _passphrase_page(self) -> QWidget:
        words = (
            "Assessor Desk keeps the evidence and your work on this computer, encrypted. Choose a passphrase: "
            "it opens the desk and signs your reviews."
        )
        page, column = self._page("Set up your desk", words)
        first, second, hint = _new_passphrase(page)
        go = primary_button("Make the desk", page)
        go.clicked.connect(lambda: self._make(first.text()))
        _guard(first, second, hint, go)
        for widget in (first, second, hint):
            column.addWidget(widget)
        column.addLayout(_row(None, go))
        return page

    def _key_page(self, recovery_key: str) -> QWidget:
        words = (
            "If you lose your passphrase, this key opens your desk. It is shown once and kept nowhere: "
            "write it down, or print it, and keep it away from this computer."
        )
        page, column = self._page("Your recovery key", words)
        shown = QLabel(recovery_key, page)
        shown.setObjectName("recoveryKey")
        shown.setWordWrap(True)
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        copy = outlined_button("Copy", page)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(recovery_key))
        save = outlined_button("Save to a stick…", page)
        save.clicked.connect(lambda: self._save_key(recovery_key))
        last = recovery_key.replace(" ", "-").split("-")[-1]
        field = QLineEdit(page)
        field.setPlaceholderText("Type the last group of the key")
        field.setAccessibleName("The last group of the recovery key")
        go = primary_button("I have it", page)
        go.setEnabled(False)
        field.textChanged.connect(lambda text: go.setEnabled(text.strip().casefold() == last.casefold()))
        field.returnPressed.connect(go.click)
        go.clicked.connect(lambda: self._show(self._connect_page()))
        column.addWidget(shown)
        column.addLayout(_row(copy, save, None))
        column.addWidget(field)
        column.addLayout(_row(None, go))
        return page

    def _connect_page(self) -> QWidget:
        words = "Your programme gave you the address of its hub and a code that works once."
        page, column = self._page("Connect to your programme", words)
        address, code = QLineEdit(page), QLineEdit(page)
        passphrase = _secret("Your passphrase, for the signing key", page)
        address.setPlaceholderText("https://hub.example.org")
        address.setAccessibleName("Address of the hub")
        code.setPlaceholderText("One-time code")
        code.setAccessibleName("One-time code")
        go = primary_button("Connect", page)
        later = quiet_button("Later", page)
        later.clicked.connect(lambda: self.opened.emit(self._desk))
        go.clicked.connect(lambda: self._connect(address.text(), code.text(), passphrase.text()))
        passphrase.returnPressed.connect(go.click)
        for field in (address, code, passphrase):
            column.addWidget(field)
        column.addLayout(_row(later, None, go))
        return page

    # Acts

    def _make(self, passphrase: str) -> None:
        folder = self._folder

        def work() -> tuple[Desk, str]:
            from assessor_desk.desk import Desk

            return Desk.create(folder, passphrase)

        self._busy(True)
        self._tasks.store(work, self._on_made, self._on_refused)

    def _on_made(self, made: tuple[Desk, str]) -> None:
        self._busy(False)
        self._desk = made[0]
        self._show(self._key_page(made[1]))

    def _recover(self, key: str, passphrase: str) -> None:
        folder = self._folder

        def work() -> Desk:
            from assessor_desk.desk import Desk

            return Desk.open_with_recovery_key(folder, key, passphrase)

        self._busy(True)
        self._tasks.store(work, self.opened.emit, self._on_refused)

    def _connect(self, address: str, code: str, passphrase: str) -> None:
        desk = self._desk
        if desk is None:
            return
        self._busy(True)
        self._tasks.store(
            lambda: desk.connect(address.strip(), code.strip(), passphrase),
            lambda _changes: self.opened.emit(desk),
            self._on_refused,
        )

    def _save_key(self, recovery_key: str) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Save the recovery key", "assessor-desk-recovery-key.txt")
        if name:
            try:
                Path(name).write_text(f"Assessor Desk recovery key\n{recovery_key}\n", encoding="utf-8")
            except OSError as error:
                self.refuse(f"The key could not be saved to {name}: {error.strerror}. Choose another place.")

    def _on_refused(self, error: DeskError) -> None:
        """Each refusal makes the next try wait a little longer."""
        self._refusals += 1
        words = sentence(error)
        QTimer.singleShot(min(5, self._refusals - 1) * _SLOWER_MS, self, lambda: self._after_refusal(words))

    def _after_refusal(self, words: str) -> None:
        self.refuse(words)
        if field := self._pages.findChild(QLineEdit):
            field.selectAll()
            field.setFocus()

    def _busy(self, busy: bool) -> None:
        self._pages.setEnabled(not busy)
        self.setCursor(Qt.CursorShape.BusyCursor if busy else Qt.CursorShape.ArrowCursor)


def _is_desk(folder: Path) -> bool:
    """Whether a desk is there, told without importing the desk: the window is painted first."""
    return (folder / "keys.json").exists()


def _secret(title: str, parent: QWidget) -> QLineEdit:
    field = QLineEdit(parent)
    field.setEchoMode(QLineEdit.EchoMode.Password)
    field.setPlaceholderText(title)
    field.setAccessibleName(title)
    return field


def _new_passphrase(parent: QWidget) -> tuple[QLineEdit, QLineEdit, QLabel]:
    hint = QLabel(
        f"At least {SHORTEST} characters; four or five words are easy to keep and hard to guess.", parent
    )
    hint.setObjectName("muted")
    hint.setWordWrap(True)
    return _secret("Passphrase", parent), _secret("The same again", parent), hint


def _guard(first: QLineEdit, second: QLineEdit, hint: QLabel, go: QWidget) -> None:
    """Let the page go on once both fields hold the same, long enough passphrase."""

    def look() -> None:
        words, same = first.text(), first.text() == second.text()
        go.setEnabled(len(words) >= SHORTEST and same)
        if len(words) < SHORTEST:
            hint.setText(
                f"At least {SHORTEST} characters; four or five words are easy to keep and hard to guess."
            )
        elif second.text() and not same:
            hint.setText("The two are not the same yet.")
        else:
            hint.setText("A good length." if len(words) >= GOOD else "It will do; a longer one is safer.")

    first.textChanged.connect(look)
    second.textChanged.connect(look)
    look()


def _row(*widgets: QWidget | None) -> QHBoxLayout:
    row = QHBoxLayout()
    for widget in widgets:
        if widget is None:
            row.addStretch(1)
        else:
            row.addWidget(widget)
    return row
