"""Save the badge that the issuer issued: what it looks like, what the files are, where they go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from assessor_desk.domain.badge import Identity
from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.gui.controls import button_row, outlined_button, primary_button, wrapped_label
from assessor_desk.gui.deciding_words import moment
from assessor_desk.gui.dialogs.folder_row import FolderRow
from assessor_desk.gui.session import Session

if TYPE_CHECKING:
    from assessor_desk.desk.answers import Case

_SIDE = 128
_WHAT = (
    "Three files, each of which is the whole badge: a picture (PNG) to show, a drawing (SVG) to print, and the "
    "credential alone (JSON) for a wallet."
)
_WHOSE = {
    Identity.HASHED: "It says what was earned, and whose it is to those alone who know the educator already.",
    Identity.NUMBER: "It says what was earned, and names the educator by the programme’s number.",
    Identity.NAME: "It says what was earned, and names the educator.",
}


class SaveBadgeDialog(QDialog):
    """Writes the files on a side lane, after checking them; stays open with the sentence where that is refused."""

    saved = Signal(object)

    def __init__(self, session: Session, case: Case, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        assert case.badge is not None
        self._session, self._submission_id = session, case.submission.id
        self.setWindowTitle("Save badge")
        self.setMinimumWidth(540)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(12)
        column.addLayout(self._described(case))
        self.into = FolderRow("", "Save the badge into a folder", self)
        column.addWidget(self.into)
        self.trouble = wrapped_label("", "trouble", self)
        self.trouble.hide()
        self.into.changed.connect(self.trouble.hide)
        column.addWidget(self.trouble)
        cancel = outlined_button("Cancel", self)
        cancel.clicked.connect(self.reject)
        self.go = primary_button("Save the badge", self)
        self.go.clicked.connect(self._on_go)
        column.addLayout(button_row(cancel, self.go))

    def _described(self, case: Case) -> QHBoxLayout:
        assert case.badge is not None
        row, words = QHBoxLayout(), QVBoxLayout()
        row.setSpacing(16)
        row.addWidget(self._picture(case), 0, Qt.AlignmentFlag.AlignTop)
        words.setSpacing(8)
        words.addWidget(wrapped_label(case.rubric.title, "criterionTitle", self))
        told = f"Issued {moment(case.badge.issued_at)} for submission {case.submission.key}"
        words.addWidget(wrapped_label(told, "muted", self))
        words.addWidget(wrapped_label(f"{_WHAT} {_WHOSE[case.policy.badge.identity]}", "", self))
        words.addStretch(1)
        row.addLayout(words, 1)
        return row

    def _picture(self, case: Case) -> QLabel:
        assert case.badge is not None
        picture = QPixmap()
        picture.loadFromData(case.badge.picture, "PNG")
        ratio = self.devicePixelRatioF()
        side = round(_SIDE * ratio)
        smooth = Qt.TransformationMode.SmoothTransformation
        picture = picture.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, smooth)
        picture.setDevicePixelRatio(ratio)
        shown = QLabel(self)
        shown.setPixmap(picture)
        shown.setFixedSize(_SIDE, _SIDE)
        shown.setAccessibleName(f"The badge’s picture: {case.rubric.title}")
        return shown

    def reject(self) -> None:
        """Leave, unless the files are being written."""
        if self.isEnabled():
            super().reject()

    def _on_go(self) -> None:
        self.setEnabled(False)
        desk, own_id, folder = self._session.desk, self._submission_id, self.into.folder
        self._session.tasks.side(lambda: desk.save_badge(own_id, folder), self._on_saved, self._on_refused)

    def _on_saved(self, paths: list[Path]) -> None:
        self.setEnabled(True)
        self.accept()
        self.saved.emit(paths)

    def _on_refused(self, error: DeskError) -> None:
        self.setEnabled(True)
        self.trouble.setText(sentence(error))
        self.trouble.show()
