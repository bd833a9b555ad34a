"""Looking after the phrase bank: find, change and remove phrases, take them in from files and write them out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from assessor_desk.domain.errors import DeskError, sentence
from assessor_desk.domain.phrases import Phrase, Scope, search
from assessor_desk.domain.rubric import Rubric
from assessor_desk.gui.controls import outlined_button, primary_button
from assessor_desk.gui.dialogs.sizing import resize_within
from assessor_desk.gui.phrases.edit import ANYWHERE, PhraseDialog, Tie
from assessor_desk.gui.phrases.lines import PhraseList, tie_in_words
from assessor_desk.gui.session import Session

_FILES = "Phrase banks (*.yaml *.yml *.csv)"


class PhraseBankDialog(QDialog):
    """Every phrase there is. One of the programme's stays as it is; changing it makes one's own of it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._bank: Sequence[Phrase] = ()
        self._rubrics: Mapping[str, Rubric] = {}
        self.setWindowTitle("Phrase bank")
        resize_within(self, 680, 560)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(8)
        self.wanted = QLineEdit(self)
        self.wanted.setPlaceholderText("Find a phrase")
        self.wanted.setAccessibleName("Find a phrase")
        self.wanted.textChanged.connect(self._fill)
        column.addWidget(self.wanted)
        self.list = PhraseList(self)
        self.list.currentItemChanged.connect(self._allow)
        self.list.itemActivated.connect(self._on_change)
        column.addWidget(self.list, 1)
        self.told = QLabel(self)
        self.told.setObjectName("muted")
        self.told.setWordWrap(True)
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        column.addWidget(self.told)
        column.addLayout(self._buttons())
        self._read()

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.add = self._button(row, "New…", self._on_new)
        self.change = self._button(row, "Change…", self._on_change)
        self.remove = self._button(row, "Remove", self._on_remove)
        row.addStretch(1)
        self.take_in = self._button(row, "Import…", self._on_import)
        self.write_out = self._button(row, "Export…", self._on_export)
        close = primary_button("Close", self)
        close.clicked.connect(self.accept)
        row.addWidget(close)
        return row

    def _button(self, row: QHBoxLayout, words: str, act: Callable[[], None]) -> QPushButton:
        button = outlined_button(words, self)
        button.clicked.connect(lambda: act())
        row.addWidget(button)
        return button

    # What is shown

    def _read(self) -> None:
        desk = self._session.desk
        self._session.tasks.side(lambda: (desk.phrases(), desk.rubrics()), self._on_read, self._on_refused)

    def _on_read(self, read: tuple[list[Phrase], list[Rubric]]) -> None:
        self._bank = read[0]
        self._rubrics = {rubric.id: rubric for rubric in read[1]}
        self._fill(self.wanted.text())

    def _fill(self, query: str) -> None:
        row = self.list.currentRow()
        found = search(self._bank, query)
        self.list.show_phrases(found, self._rubrics)
        self.list.setCurrentRow(max(0, min(row, self.list.count() - 1)))
        own = sum(1 for one in self._bank if one.scope is Scope.PERSONAL)
        self.told.setText(f"{len(found)} of {len(self._bank)} phrases, {own} of them yours")
        self._allow()

    def _allow(self) -> None:
        phrase = self.list.chosen
        self.change.setEnabled(phrase is not None)
        own = phrase is not None and phrase.scope is Scope.PERSONAL
        self.remove.setEnabled(own)
        self.change.setText("Change…" if own or phrase is None else "Make my own of it…")
        self.remove.setToolTip("" if own else "A phrase of the programme stays as it is")

    # What a person does

    def _on_new(self) -> None:
        self._edit(Phrase("", ""), (ANYWHERE,))

    def _on_change(self) -> None:
        if (phrase := self.list.chosen) is None:
            return
        if phrase.scope is Scope.PROGRAMME:
            phrase = replace(phrase, id="", scope=Scope.PERSONAL, used=0, last_used=None)
        tie = Tie(tie_in_words(phrase, self._rubrics), phrase.rubric, phrase.criterion, phrase.level)
        self._edit(phrase, (tie, ANYWHERE) if phrase.rubric else (ANYWHERE,))

    def _edit(self, phrase: Phrase, ties: Sequence[Tie]) -> None:
        dialog = PhraseDialog(self._session, phrase, ties, self)
        dialog.finished.connect(dialog.deleteLater)
        dialog.kept.connect(self._read)
        dialog.open()

    def _on_remove(self) -> None:
        if (phrase := self.list.chosen) is not None:
            own_id = phrase.id
            self._session.act(lambda desk: desk.remove_phrase(own_id), lambda _: self._read())

    def _on_import(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Import phrases", "", _FILES)
        if name:
            self.import_from(Path(name))

    def import_from(self, path: Path) -> None:
        """Take in a file: all of it, or with a fault nothing."""
        desk = self._session.desk
        self._session.tasks.store(lambda: desk.import_phrases(path), self._on_imported, self._on_refused)

    def _on_imported(self, count: int) -> None:
        self._read()
        self._session.notices.tell(f"Imported {_counted(count)}.", "positive")

    def _on_export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Export your phrases", "phrases.yaml", _FILES)
        if name:
            self.export_to(Path(name))

    def export_to(self, path: Path) -> None:
        """Write one's own phrases; without any, the programme's, as a start."""
        own = any(one.scope is Scope.PERSONAL for one in self._bank)
        scope = Scope.PERSONAL if own else None
        desk = self._session.desk
        self._session.tasks.store(
            lambda: desk.export_phrases(path, scope),
            lambda count: self._on_exported(count, path),
            self._on_refused,
        )

    def _on_exported(self, count: int, path: Path) -> None:
        self.told.setText(f"Exported {_counted(count)} into {path}.")

    def _on_refused(self, error: DeskError) -> None:
        self.told.setText(sentence(error))


def _counted(count: int) -> str:
    return "1 phrase" if count == 1 else f"{count} phrases"
