"""Raise a concern: whom to call first, what it is about, and what will happen. Works without a network."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.desk.answers import Case
from assessor_desk.desk.changes import Changes
from assessor_desk.domain.concern import CONCERN_HINTS, CONCERN_TITLES, ConcernKind
from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.gui.artifact_names import short_title
from assessor_desk.gui.controls import outlined_button, primary_button
from assessor_desk.gui.dialogs.finding_list import heading
from assessor_desk.gui.dialogs.sizing import resize_within, scrolled
from assessor_desk.gui.session import Session

_WHOLE = "The whole submission"
_NO_CONTACT = "The programme names nobody to call. Tell whoever is responsible where you work."
_WHAT_HAPPENS = (
    "It goes to the programme with the next sync, and is kept on this computer until then, also without a network.",
    "The submission is on hold from now on: nothing of it is decided or released until the programme has looked at it.",
)
_CLOSED = "“{name}” is closed on this computer and withdrawn on the hub until the programme has looked at it."
_NOT_THE_EDUCATOR = "The educator does not read this. It is no part of your review."


class ConcernDialog(QDialog):
    """`raised` carries the desk's changes once the concern is on the disk."""

    raised = Signal(object)

    def __init__(self, session: Session, case: Case, artifact_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._case = session, case
        self.setWindowTitle(f"Raise a concern about {case.submission.key}")
        resize_within(self, 560, 700)
        inside = QWidget(self)
        column = QVBoxLayout(inside)
        column.setContentsMargins(20, 20, 20, 8)
        column.setSpacing(8)
        self._add_contact(column, inside)
        self._add_kinds(column, inside)
        self._add_words(column, inside)
        self._add_files(column, inside, artifact_id)
        column.addWidget(heading("What will happen", inside))
        self._happens = _label("", "muted", inside)
        column.addWidget(self._happens)
        self.trouble = _label("", "trouble", inside)
        self.trouble.hide()
        column.addWidget(self.trouble)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(inside, "Raise a concern", self), 1)
        outer.addLayout(self._buttons())
        for button in self.kinds.values():
            button.toggled.connect(self._on_changed)
        self.words.textChanged.connect(self._on_changed)
        self.files.currentIndexChanged.connect(self._on_changed)
        self._on_changed()

    @property
    def what_happens(self) -> str:
        """What it says will happen."""
        return self._happens.text()

    @property
    def contact(self) -> str:
        """Whom it says to call."""
        return self._contact.text()

    def _add_contact(self, column: QVBoxLayout, inside: QWidget) -> None:
        column.addWidget(heading("If somebody may be in danger now, call first", inside))
        self._contact = _label(self._case.policy.contacts.concerns or _NO_CONTACT, "concernContact", inside)
        flags = Qt.TextInteractionFlag
        self._contact.setTextInteractionFlags(flags.TextSelectableByMouse | flags.TextSelectableByKeyboard)
        self._contact.setAccessibleName(f"Whom to call: {self._contact.text()}")
        column.addWidget(self._contact)

    def _add_kinds(self, column: QVBoxLayout, inside: QWidget) -> None:
        column.addWidget(heading("What is it about?", inside))
        self._group = QButtonGroup(self)
        self.kinds: dict[ConcernKind, QRadioButton] = {}
        for kind, title in CONCERN_TITLES.items():
            button = QRadioButton(title, inside)
            button.setAccessibleDescription(CONCERN_HINTS[kind])
            hint = _label(CONCERN_HINTS[kind], "muted", inside)
            hint.setContentsMargins(26, 0, 0, 4)
            self._group.addButton(button)
            self.kinds[kind] = button
            column.addWidget(button)
            column.addWidget(hint)

    def _add_words(self, column: QVBoxLayout, inside: QWidget) -> None:
        title = heading("What did you see, and where?", inside)
        self.words = QPlainTextEdit(inside)
        self.words.setAccessibleName("What did you see, and where?")
        self.words.setTabChangesFocus(True)
        self.words.setFixedHeight(4 * self.words.fontMetrics().lineSpacing() + 18)
        title.setBuddy(self.words)
        column.addWidget(title)
        column.addWidget(self.words)

    def _add_files(self, column: QVBoxLayout, inside: QWidget, artifact_id: str) -> None:
        title = heading("Which file?", inside)
        self.files = QComboBox(inside)
        self.files.setAccessibleName("Which file it is about")
        self.files.addItem(_WHOLE, "")
        for artifact in self._case.submission.shown:
            name = artifact.name or artifact.link
            self.files.addItem(f"{short_title(artifact)}, {name}", artifact.id)
        self.files.setCurrentIndex(max(0, self.files.findData(artifact_id)))
        title.setBuddy(self.files)
        column.addWidget(title)
        column.addWidget(self.files)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(20, 8, 20, 16)
        row.setSpacing(8)
        cancel = outlined_button("Not now", self)
        cancel.clicked.connect(self.reject)
        self.go = primary_button("Raise the concern", self)
        self.go.clicked.connect(self._on_go)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.go)
        return row

    @property
    def kind(self) -> ConcernKind | None:
        """What it is about, None before one is chosen."""
        return next((kind for kind, button in self.kinds.items() if button.isChecked()), None)

    def _on_changed(self) -> None:
        told = list(_WHAT_HAPPENS)
        if self.files.currentData():
            told.append(_CLOSED.format(name=self.files.currentText().split(", ", 1)[-1]))
        told.append(_NOT_THE_EDUCATOR)
        self._happens.setText("\n".join(f"• {one}" for one in told))
        missing = self.kind is None or not self.words.toPlainText().strip()
        self.go.setEnabled(not missing)
        self.go.setToolTip("Say what it is about, and what you saw" if missing else "")

    def _on_go(self) -> None:
        kind = self.kind
        if kind is None:
            return
        self.setEnabled(False)
        desk, own_id = self._session.desk, self._case.submission.id
        words, artifact_id = self.words.toPlainText().strip(), str(self.files.currentData() or "")
        self._session.tasks.store(
            lambda: desk.raise_concern(own_id, kind.value, words, artifact_id),
            self._on_done,
            self._on_refused,
        )

    def _on_done(self, changes: Changes) -> None:
        self.setEnabled(True)
        self.accept()
        self.raised.emit(changes)

    def _on_refused(self, error: DeskError) -> None:
        self.setEnabled(True)
        self.trouble.setText(sentence(error))
        self.trouble.show()


def _label(words: str, name: str, parent: QWidget) -> QLabel:
    label = QLabel(words, parent)
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
