"""Who this desk signs as: how the certificate stands, renewing it, and having one given out by file without a hub."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.gui.controls import outlined_button, quiet_button
from assessor_desk.gui.dialogs.compared import ComparedFingerprint
from assessor_desk.gui.dialogs.identity_section import IdentitySection
from assessor_desk.gui.dialogs.passphrase_row import PassphraseRow
from assessor_desk.gui.dialogs.sizing import resize_within, scrolled
from assessor_desk.gui.dialogs.stays_open import StaysOpenDialog
from assessor_desk.gui.pages.page import tell
from assessor_desk.gui.tasks import Tasks

if TYPE_CHECKING:
    from assessor_desk.desk import Changes, Desk
    from assessor_desk.desk.by_file import AnswerSeen
    from assessor_desk.desk.identity_answers import Identity

REQUEST_FILE = "identity-request.json"
#: As `Desk.request_identity` calls a programme that this desk does not sign for yet.
_ANOTHER = "another"
_FILES = "Identity files (*.json);;All files (*)"
_BY_FILE = (
    "Where your programme has no hub, it certifies you by file: write a request, hand it over, tell them its key in "
    "four groups when they ask, and import what they give back. Neither file holds a secret. Until then whatever you "
    "seal says that no issuer vouches for it."
)


class IdentityDialog(StaysOpenDialog):
    """`changed` carries the desk's changes.

    With `passphrase`, as in the first run, it is not asked for.
    """

    changed = Signal(object)

    def __init__(self, tasks: Tasks, desk: Desk, passphrase: str = "", parent: QWidget | None = None) -> None:
        super().__init__(tasks, parent)
        self._tasks, self._desk, self._passphrase = tasks, desk, passphrase
        self.identity: Identity | None = None
        self.sections: tuple[IdentitySection, ...] = ()
        self.setWindowTitle("Identity and certificate")
        self.heading = _label("Who you sign as", "headline", self)
        self._programmes = QVBoxLayout()
        self._programmes.setSpacing(10)
        self.passphrase_row = PassphraseRow("Your passphrase, to renew or request", self)
        self.passphrase_row.setVisible(not passphrase)
        self.passphrase_row.typed.connect(self._allow)
        self.told = _label("", "muted", self)
        self.told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.compared = ComparedFingerprint(self)
        self.compared.same.connect(self._take)
        self.compared.other.connect(self._on_other)
        self.renew = outlined_button("Renew now", self)
        self.renew.clicked.connect(lambda: self._on_renew(""))
        self.request = outlined_button("Request by file…", self)
        self.request.clicked.connect(lambda: self._on_request(""))
        self.another = quiet_button("Ask another programme…", self)
        self.another.setToolTip("Write a request for a programme that this desk does not sign for yet")
        self.another.clicked.connect(lambda: self._on_request(_ANOTHER))
        self.take = outlined_button("Import…", self)
        self.take.setToolTip("The file with which your programme answered the request")
        self.take.clicked.connect(self._on_import)
        self._arrange()
        self._read()

    def _arrange(self) -> None:
        inside = QWidget(self)
        content = QVBoxLayout(inside)
        content.setContentsMargins(20, 20, 20, 8)
        content.setSpacing(10)
        content.addWidget(self.heading)
        content.addLayout(self._programmes)
        content.addSpacing(6)
        content.addWidget(_label(_BY_FILE, "muted", self))
        content.addWidget(self.passphrase_row)
        content.addWidget(self.compared)
        content.addWidget(self.told)
        content.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(20, 0, 20, 16)
        buttons.setSpacing(8)
        for button in (self.renew, self.request, self.take, self.another):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self._make_leave())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(scrolled(inside, "Identity and certificate", self), 1)
        column.addLayout(buttons)
        resize_within(self, 560, 480)

    # What there is

    @property
    def words(self) -> QLabel:
        """How the first programme's certificate stands, in a sentence."""
        return self.sections[0].words

    def _read(self) -> None:
        self._tasks.side(self._desk.identities, self._show, self._on_unread)

    def _on_unread(self, error: DeskError) -> None:
        """What came of an act stays in sight before it."""
        words = (self.told.text(), sentence(error))
        self._say(" ".join(filter(None, words)), trouble=True)

    def _show(self, identities: tuple[Identity, ...]) -> None:
        self.identity, *_ = identities
        alone = len(identities) == 1
        for section in self.sections:
            self._programmes.removeWidget(section)
            section.deleteLater()
        self.sections = tuple(IdentitySection(one, alone=alone, parent=self) for one in identities)
        for section in self.sections:
            section.renew_wanted.connect(self._on_renew)
            section.request_wanted.connect(self._on_request)
            self._programmes.addWidget(section)
        self._allow()

    def _allow(self) -> None:
        """What can be pressed now: amid an act nothing."""
        given, alone, rests = bool(self._given()), len(self.sections) < 2, not self._under_way
        certified = self.identity is not None and bool(self.identity.root)
        self.renew.setVisible(alone and self.identity is not None and self.identity.renewable)
        self.request.setVisible(alone or not certified)
        self.another.setVisible(certified)
        own = [button for section in self.sections for button in section.buttons]
        for button in (self.renew, self.request, self.another, *own):
            button.setEnabled(given and rests)
            if button is not self.another:
                button.setToolTip("" if given else "Give your passphrase")
        for widget in (self.take, self.compared):
            widget.setEnabled(rests)

    def _given(self) -> str:
        return self._passphrase or self.passphrase_row.passphrase

    # Acts

    def _on_renew(self, programme: str) -> None:
        passphrase = self._given()
        self._do(
            lambda: self._desk.renew_certificate(passphrase, programme),
            lambda done: self._done(done[0], done[1]),
        )

    def _on_request(self, programme: str) -> None:
        where, _ = QFileDialog.getSaveFileName(self, "Write the request", REQUEST_FILE, _FILES)
        if where:
            self.write_request(Path(where), programme)

    def write_request(self, out: Path, programme: str = "") -> None:
        """Write the request into a file, and say what to do with it."""
        passphrase = self._given()

        def done(answer: tuple[Changes, str]) -> None:
            words = f"The request is in {out}. Its key is {answer[1]}: your programme compares that with you."
            self._done(answer[0], words)

        self._do(lambda: self._desk.request_identity(out, passphrase, (), programme), done)

    def _on_import(self) -> None:
        where, _ = QFileDialog.getOpenFileName(self, "Import your programme’s answer", "", _FILES)
        if where:
            self.import_answer(Path(where))

    def import_answer(self, path: Path) -> None:
        """Take the certificate in a file into use, once its programme is known or was compared."""

        def seen(answer: AnswerSeen) -> None:
            self._end()
            self._say("")
            if answer.known:
                self._take(path)
            else:
                self.compared.ask(path, answer)

        self._do(lambda: self._desk.examine_identity(path), seen)

    def _take(self, path: Path, fingerprint: str = "") -> None:
        words = "The certificate is in use."
        self._do(
            lambda: self._desk.import_identity(path, fingerprint), lambda changes: self._done(changes, words)
        )

    def _on_other(self) -> None:
        self._say("Nothing was imported: the file is not your programme's. Tell them.", trouble=True)

    def _do(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        self._begin()
        self._say("One moment…")
        self._tasks.store(work, done, self._refuse)

    def _done(self, changes: Changes, words: str) -> None:
        self._end()
        self.passphrase_row.clear()
        self._say(words)
        self.changed.emit(changes)
        self._read()

    def _refuse(self, error: DeskError) -> None:
        self._end()
        self._say(sentence(error), trouble=True)

    def _say(self, words: str, *, trouble: bool = False) -> None:
        tell(self.told, words, trouble=trouble)

    def _rest(self, under_way: int) -> None:
        super()._rest(under_way)
        self._allow()


def _label(words: str, name: str, parent: QWidget) -> QLabel:
    label = QLabel(words, parent)
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
