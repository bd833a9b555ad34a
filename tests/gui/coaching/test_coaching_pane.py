"""The coach's pane: notes on a draft, with no level anywhere; handed back, carried on, marked in the next draft."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel, QPushButton
from tests.gui.assessing.conftest import Hand
from tests.gui.assessing.making import Template, usual
from tests.gui.assessing.test_from_the_other_computer import arrive
from tests.gui.coaching.drafting import OVERALL, PRESENT, QUESTION, TRY, coaching_policy, give_draft

from assessor_desk.desk import Desk
from assessor_desk.domain.anchor import TextQuote
from assessor_desk.domain.coaching import Uptake, note_key
from assessor_desk.domain.review import EntryKind, TextField
from assessor_desk.gui.dialogs.earlier_notes import EarlierNotesDialog
from assessor_desk.gui.dialogs.hand_back import HandBackDialog
from assessor_desk.gui.dialogs.notes_files import NotesFilesDialog
from assessor_desk.gui.panes.coaching import CoachingPane
from assessor_desk.gui.panes.coaching.coaching_card import CoachingCard
from assessor_desk.gui.workbench import Workbench
from assessor_desk.gui.writing.banner import Banner
from assessor_desk.gui.writing.finding_lines import FindingLines


def criterion_of(desk: Desk, draft: str, number: int = 0) -> str:
    return desk.case(draft).rubric.criteria[number].id


def write_notes(desk: Desk, draft: str) -> str:
    """Notes that may go back. Gives the criterion."""
    criterion = criterion_of(desk, draft)
    texts = {TextField.PRESENT: PRESENT, TextField.TRY_NEXT: TRY, TextField.QUESTION: QUESTION}
    desk.write_texts(draft, texts, criterion)
    desk.place_anchor(draft, "a1", TextQuote("exit tickets"), "here pupils mark their own", criterion)
    desk.write_text(draft, TextField.OVERALL, OVERALL)
    desk.write_text(draft, TextField.NOTES, "she sounded tired on the telephone")
    return criterion


@pytest.fixture
def written(hand: Hand, coaching: CoachingPane, draft: str) -> CoachingPane:
    """The pane with notes that may go back."""
    hand.act(lambda desk: write_notes(desk, draft))
    return coaching


@pytest.fixture
def next_draft(hand: Hand, bench: Workbench, template: Template, draft: str, root: Path) -> str:
    """The same educator's next draft, the notes on the first one handed back, open in the window."""
    write_notes(hand.desk, draft)
    hand.desk.hand_back_notes(draft)
    own_id = give_draft(hand.desk, template, usual("E5D2-12"), coaching_policy(root), 2, draft)
    hand.open(own_id)
    return own_id


def banner_of(pane: CoachingPane) -> str:
    found = pane.findChild(Banner)
    assert found is not None
    return found.words


def dialog(hand: Hand, bench: Workbench, kind: type[QDialog]) -> QDialog:
    hand.qtbot.waitUntil(lambda: bench.findChild(kind) is not None)
    found = bench.findChild(kind)
    assert isinstance(found, kind)
    return found


# What a coach writes


def test_a_draft_asks_for_what_is_there_what_to_try_and_a_question(
    hand: Hand, coaching: CoachingPane
) -> None:
    for title in ("What is there", "What to try next", "A question"):
        assert hand.field(title).accessibleName() == f"{title}, for the educator"
    assert hand.field("Notes").accessibleName() == "Notes, only you"


def test_levels_can_be_read_and_not_chosen(hand: Hand, bench: Workbench, coaching: CoachingPane) -> None:
    criterion = hand.case.rubric.criteria[0]
    shown = {label.text() for label in coaching.findChildren(QLabel) if label.isVisible()}
    assert {level.descriptor for level in criterion.levels} <= shown
    assert not any(bench.action(f"level_{digit}").isEnabled() for digit in range(1, 7))
    QTest.keyClicks(coaching, "123")
    hand.settle()
    assert all(work.level is None for work in hand.case.sheet.works.values())


def test_the_levels_make_room_for_writing_when_asked(hand: Hand, coaching: CoachingPane) -> None:
    hand.press("Hide the levels")
    descriptor = hand.case.rubric.criteria[0].levels[0].descriptor
    shown = {label.text() for label in coaching.findChildren(QLabel) if label.isVisible()}
    assert descriptor not in shown
    hand.press("Show the levels")


def test_what_is_typed_is_kept_while_it_is_typed(hand: Hand, coaching: CoachingPane, draft: str) -> None:
    hand.write("What to try next", "Let every pupil write")
    hand.qtbot.waitUntil(lambda: "Let every" in text_on_disk(hand.desk, draft), timeout=5000)
    assert (
        hand.leave().sheet.text(TextField.TRY_NEXT, criterion_of(hand.desk, draft)) == "Let every pupil write"
    )


def text_on_disk(desk: Desk, draft: str) -> str:
    return desk.case(draft).sheet.text(TextField.TRY_NEXT, criterion_of(desk, draft))


def test_undo_takes_back_what_was_written(hand: Hand, bench: Workbench, coaching: CoachingPane) -> None:
    hand.write("A question", "Why these three?")
    hand.leave()
    bench.run("undo")
    assert hand.settle().sheet.text(TextField.QUESTION, coaching.current_criterion) == ""
    assert hand.field("A question").toPlainText() == ""


def test_the_keys_for_criteria_lead_through_the_cards(
    hand: Hand, bench: Workbench, coaching: CoachingPane
) -> None:
    first = coaching.current_criterion
    bench.run("next_criterion")
    assert coaching.current_criterion == hand.case.rubric.criteria[1].id != first


# Notes at places


def test_a_place_just_anchored_asks_for_its_line(
    hand: Hand, bench: Workbench, coaching: CoachingPane
) -> None:
    quote = TextQuote("exit tickets")
    hand.act(lambda desk: desk.place_anchor(hand.shown_id, "a1", quote, "", coaching.current_criterion))
    field = hand.field("Note at Plan, “exit tickets”")
    hand.qtbot.waitUntil(field.hasFocus)
    QTest.keyClicks(field, "they mark their own")
    (anchor,) = hand.leave().sheet.anchors
    assert anchor.note == "they mark their own"


def test_an_anchor_made_in_the_evidence_goes_to_the_current_criterion(
    hand: Hand, bench: Workbench, coaching: CoachingPane
) -> None:
    hand.qtbot.waitUntil(lambda: bench.evidence.viewer is not None)
    viewer = bench.evidence.viewer
    assert viewer is not None
    viewer.selector_offered.emit(TextQuote("Twenty pupils"))
    case = hand.settle()
    (anchor,) = case.sheet.anchors
    assert case.sheet.criteria_citing(anchor.id) == (coaching.current_criterion,)


def test_a_place_of_no_criterion_keeps_its_line_in_a_card_of_its_own(
    hand: Hand, coaching: CoachingPane
) -> None:
    hand.act(lambda desk: desk.place_anchor(hand.shown_id, "a1", TextQuote("exit tickets"), "a line"))
    assert hand.field("Note at Plan, “exit tickets”").toPlainText() == "a line"
    shown = [label.text() for label in coaching.findChildren(QLabel) if label.isVisible()]
    assert "Elsewhere in the draft" in shown


# What is said of it


def test_notes_that_came_while_the_box_was_open_do_not_go_back_unread(
    hand: Hand, bench: Workbench, written: CoachingPane
) -> None:
    bench.run("hand_back")
    box = dialog(hand, bench, HandBackDialog)
    arrive(
        hand,
        EntryKind.TEXT_WRITTEN,
        {
            "field": "present",
            "criterion": criterion_of(hand.desk, hand.shown_id, 1),
            "text": "Read by nobody.",
        },
    )
    hand.qtbot.mouseClick(box.go, Qt.MouseButton.LeftButton)
    hand.settle()
    assert "is not shown here" in box.trouble
    assert box.go.isHidden()
    assert hand.case.notes.handed_back is None
    box.reject()


def test_a_draft_is_called_one_and_the_limits_are_said_plainly(hand: Hand, written: CoachingPane) -> None:
    facts = written.page.facts.text()
    assert "draft" in facts.split(" · ")[1]
    assert "attempt" not in facts
    assert facts.endswith("Up to 12 notes; 4 so far")


def test_findings_say_before_handing_back(hand: Hand, coaching: CoachingPane, draft: str) -> None:
    criterion = criterion_of(hand.desk, draft)
    hand.act(lambda desk: desk.write_text(draft, TextField.PRESENT, "At [minute] they mark.", criterion))
    lines = [
        label.text() for one in coaching.findChildren(FindingLines) for label in one.findChildren(QLabel)
    ]
    assert any(line.startswith("△ Needed before handing back: ") for line in lines)
    assert not any("sealing" in line for line in lines)


# Handing back


def test_what_goes_back_is_shown_before_and_never_the_private_notes(
    hand: Hand, bench: Workbench, written: CoachingPane
) -> None:
    hand.press("Hand back…")
    asking = dialog(hand, bench, HandBackDialog)
    assert isinstance(asking, HandBackDialog)
    for words in (PRESENT, TRY, QUESTION, OVERALL, "here pupils mark their own"):
        assert words in asking.words
    assert "telephone" not in asking.words
    asking.reject()
    assert hand.settle().notes is not None
    assert hand.case.notes is not None
    assert hand.case.notes.handed_back is None


def test_notes_go_back_and_may_be_carried_on(hand: Hand, bench: Workbench, written: CoachingPane) -> None:
    bench.run("hand_back")
    asking = dialog(hand, bench, HandBackDialog)
    assert isinstance(asking, HandBackDialog)
    asking.go.click()
    hand.qtbot.waitUntil(lambda: "Handed back" in banner_of(written))
    assert "go out with the next sync" in banner_of(written)
    assert not hand.seen(QPushButton, "Hand back…")[0].isEnabled()
    bench.activateWindow()
    hand.write("A question", " And then?")
    hand.leave()
    assert "you have carried on since" in banner_of(written)
    assert hand.seen(QPushButton, "Hand back…")[0].isEnabled()


def test_what_is_still_needed_keeps_notes_from_going_back(
    hand: Hand, bench: Workbench, coaching: CoachingPane, draft: str
) -> None:
    criterion = criterion_of(hand.desk, draft)
    hand.act(lambda desk: desk.write_text(draft, TextField.PRESENT, "At [minute] they mark.", criterion))
    bench.run("hand_back")
    asking = dialog(hand, bench, HandBackDialog)
    assert isinstance(asking, HandBackDialog)
    assert not asking.go.isEnabled()
    go = next(one for one in asking.findChildren(QPushButton) if one.accessibleName().startswith("Go to "))
    go.click()
    # A window manager gives the window its activity back; the offscreen platform has none.
    assert bench.focusWidget() is hand.field("What is there")


def test_files_say_what_went_back(
    hand: Hand, bench: Workbench, written: CoachingPane, tmp_path: Path
) -> None:
    hand.act(lambda desk: desk.hand_back_notes(hand.shown_id))
    hand.press("Save as files…")
    saving = dialog(hand, bench, NotesFilesDialog)
    assert isinstance(saving, NotesFilesDialog)
    out = tmp_path / "files"
    out.mkdir()
    saving.into.choose(out)
    for format_, box in saving.choices.items():
        box.setChecked(format_ in ("html", "jsonld"))
    with hand.qtbot.waitSignal(saving.exported, timeout=20_000):
        saving.go.click()
    assert {path.suffix for path in out.iterdir()} == {".html", ".jsonld"}
    assert "telephone" not in "".join(path.read_text("utf-8") for path in out.iterdir())


def test_before_they_went_back_no_files_are_offered(
    hand: Hand, bench: Workbench, written: CoachingPane
) -> None:
    bench.run("export")
    saving = dialog(hand, bench, NotesFilesDialog)
    assert isinstance(saving, NotesFilesDialog)
    assert not saving.go.isEnabled()
    first = next(iter(saving.choices.values()))
    assert saving.focusWidget() is first, "not the list that can be scrolled"


# The next draft


def test_the_next_draft_shows_each_earlier_note_to_be_marked(
    hand: Hand, bench: Workbench, next_draft: str
) -> None:
    pane = bench.sheets.current
    assert isinstance(pane, CoachingPane)
    pane.activate(criterion_of(hand.desk, next_draft))
    assert len(hand.seen(QPushButton, "Taken up: ")) == 3
    assert pane.page.progress.text().endswith("3 of 3 earlier notes not marked")
    (button,) = hand.seen(QPushButton, "Partly: What to try next")
    button.click()
    notes = hand.settle().notes
    assert notes is not None
    key = note_key(criterion_of(hand.desk, next_draft), TextField.TRY_NEXT.value)
    assert notes.uptake == {key: Uptake.PARTLY}
    assert button.isChecked()
    button.click()
    notes = hand.settle().notes
    assert notes is not None
    assert notes.uptake == {}


def test_all_earlier_notes_can_be_read_and_the_draft_before_opened(
    hand: Hand, bench: Workbench, next_draft: str, draft: str
) -> None:
    hand.press("Read all the notes on it")
    reading = dialog(hand, bench, EarlierNotesDialog)
    assert isinstance(reading, EarlierNotesDialog)
    assert OVERALL in reading.page.toPlainText()
    reading.accept()
    bench.inbox.refresh()
    hand.qtbot.waitUntil(lambda: bool(bench.inbox.rows))
    hand.press("Open that draft")
    hand.qtbot.waitUntil(lambda: hand.shown_id == draft)


# One window for all that a person does


def test_a_review_and_a_draft_each_open_in_their_own_pane(
    hand: Hand, bench: Workbench, coaching: CoachingPane, template: Template
) -> None:
    hand.open(hand.given(usual("7F3A-21")))
    assert bench.sheets.current is bench.rubric
    assert not coaching.isVisible()
    assert bench.action("seal").isEnabled()
    assert not bench.action("hand_back").isEnabled()


def test_keys_alone_lead_through_a_card(hand: Hand, bench: Workbench, coaching: CoachingPane) -> None:
    bench.run("write")
    hand.qtbot.waitUntil(hand.field("What is there").hasFocus)
    QTest.keyClick(hand.field("What is there"), Qt.Key.Key_Tab)
    hand.qtbot.waitUntil(hand.field("What to try next").hasFocus)
    assert coaching.findChild(CoachingCard) is not None
