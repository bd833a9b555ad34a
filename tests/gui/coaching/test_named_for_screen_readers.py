"""Every widget that takes the focus has a name in the accessibility tree, on each screen of coach, bank and concern."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QDialog, QWidget
from tests.gui.assessing.conftest import Hand
from tests.gui.assessing.making import Template, usual
from tests.gui.coaching.drafting import coaching_policy, give_draft
from tests.gui.coaching.test_coaching_pane import write_notes

from assessor_desk.domain.phrases import Phrase, Place
from assessor_desk.gui.dialogs.concern import ConcernDialog
from assessor_desk.gui.dialogs.earlier_notes import EarlierNotesDialog
from assessor_desk.gui.dialogs.hand_back import HandBackDialog
from assessor_desk.gui.dialogs.notes_files import NotesFilesDialog
from assessor_desk.gui.phrases.bank import PhraseBankDialog
from assessor_desk.gui.phrases.edit import ANYWHERE, PhraseDialog
from assessor_desk.gui.phrases.popup import PhrasePopup
from assessor_desk.gui.preferences import Preferences
from assessor_desk.gui.workbench import Workbench

#: Every dialog of coach, bank and concern.
DIALOGS: tuple[type[QDialog], ...] = (
    HandBackDialog,
    NotesFilesDialog,
    EarlierNotesDialog,
    ConcernDialog,
    PhraseBankDialog,
    PhraseDialog,
    PhrasePopup,
)


def unnamed(widget: QWidget) -> Iterator[str]:
    """Whatever below a widget takes the focus and has no name."""
    for one in (widget, *widget.findChildren(QWidget)):
        if one.focusPolicy() == Qt.FocusPolicy.NoFocus or not one.isVisible():
            continue
        found = QAccessible.queryAccessibleInterface(one)
        if found is not None and found.isValid() and not found.text(QAccessible.Text.Name).strip():
            yield f"{type(one).__name__} {one.objectName()}"


@pytest.fixture
def carried_on(hand: Hand, bench: Workbench, draft: str, template: Template, root: Path) -> Workbench:
    """A second draft with notes of its own open, those on the first handed back."""
    write_notes(hand.desk, draft)
    hand.desk.hand_back_notes(draft)
    following = give_draft(hand.desk, template, usual("E5D2-12"), coaching_policy(root), 2, draft)
    write_notes(hand.desk, following)
    hand.open(following)
    return bench


def test_the_coachs_pane_names_all_that_takes_the_focus(hand: Hand, carried_on: Workbench) -> None:
    pane = carried_on.sheets.current
    for criterion in hand.case.rubric.criteria:
        pane.activate(criterion.id)
        assert list(unnamed(pane)) == []


def test_every_dialog_names_all_that_takes_the_focus(hand: Hand, carried_on: Workbench) -> None:
    session, case, bench = hand.session, hand.case, carried_on
    dialogs: tuple[QDialog, ...] = (
        HandBackDialog(session, case, bench),
        NotesFilesDialog(session, case, Preferences(hand.desk.settings), bench),
        EarlierNotesDialog(case, bench),
        ConcernDialog(session, case, "", bench),
        PhraseBankDialog(session, bench),
        PhraseDialog(session, Phrase("", "words"), (ANYWHERE,), bench),
        PhrasePopup(Place(), {}, bench),
    )
    assert tuple(map(type, dialogs)) == DIALOGS
    for one in dialogs:
        one.show()
        assert list(unnamed(one)) == []
        one.close()
        one.deleteLater()
