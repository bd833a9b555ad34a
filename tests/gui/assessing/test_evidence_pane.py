"""The evidence pane: what stands in front, why something does not, and anchors on their way to criteria."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTabBar,
    QTextBrowser,
    QToolButton,
    QTreeWidget,
)
from tests.gui.assessing.conftest import Hand
from tests.gui.assessing.making import PLAN, Given, assign, photo, usual

from assessor_desk.artifacts.vault import Vault
from assessor_desk.desk import Desk
from assessor_desk.domain.anchor import Anchor, Box, ImageRegion, PageRegion, TextQuote, TimeSpan, Whole
from assessor_desk.domain.changes import SourceChanges, WithdrawalReason
from assessor_desk.domain.errors import DeskError, Unavailable
from assessor_desk.domain.review import TextField
from assessor_desk.domain.submission import Part
from assessor_desk.domain.text_fields import LONGEST_TEXT
from assessor_desk.gui.anchor_drag import carried
from assessor_desk.gui.controls import Chip
from assessor_desk.gui.dialogs.name_anchor import NameAnchorDialog
from assessor_desk.gui.panes.evidence import Arrangement
from assessor_desk.gui.panes.evidence.anchor_strip import AnchorStrip
from assessor_desk.gui.panes.evidence.half import Half
from assessor_desk.gui.panes.evidence.marks import in_order, in_words
from assessor_desk.gui.panes.evidence.not_here import NotHere
from assessor_desk.gui.preferences import Preferences
from assessor_desk.gui.viewers.image_canvas import ImageCanvas
from assessor_desk.gui.viewers.viewer import Viewer
from assessor_desk.gui.viewers.words_viewer import WordsViewer
from assessor_desk.gui.workbench import Workbench
from assessor_desk.gui.writing.banner import Banner


def tabs(bench: Workbench) -> QTabBar:
    found = bench.evidence.findChild(QTabBar)
    assert isinstance(found, QTabBar)
    return found


def said(bench: Workbench) -> str:
    """All words that stand in the evidence pane now."""
    return " ".join(label.text() for label in bench.evidence.findChildren(QLabel) if label.isVisible())


def viewer(hand: Hand, bench: Workbench) -> Viewer:
    """The viewer in front, once it shows something."""
    hand.qtbot.waitUntil(
        lambda: bench.evidence.viewer is not None and bench.evidence.viewer.current_selector() is not None,
        timeout=20_000,
    )
    assert bench.evidence.viewer is not None
    return bench.evidence.viewer


def test_anchors_made_in_the_viewer_go_to_the_current_criterion(hand: Hand, bench: Workbench) -> None:
    own_id = hand.given(usual("7F3A-21"))
    hand.desk.record_completeness(own_id)
    second = hand.open(own_id).rubric.criteria[1].id
    bench.rubric.step_criterion(1)
    bench.evidence.step_artifact(1)
    viewer(hand, bench).selector_offered.emit(TextQuote("exit tickets"))
    QTest.keyClick(bench, Qt.Key.Key_A)
    review = hand.settle().review
    assert [review.criteria_citing(anchor.id) for anchor in review.anchors] == [(second,), (second,)]
    assert {anchor.artifact_id for anchor in review.anchors} == {"a1"}
    hand.qtbot.waitUntil(lambda: len(hand.seen(Chip, "Anchor of criterion 2")) == 2)


def test_an_anchor_moved_in_the_viewer_is_moved_and_one_that_may_not_goes_back(
    hand: Hand, bench: Workbench
) -> None:
    own_id = hand.given(usual("7F3A-21"))
    hand.desk.record_completeness(own_id)
    _, anchor = hand.desk.place_anchor(own_id, "a1", TextQuote("exit tickets"))
    hand.open(own_id)
    bench.evidence.step_artifact(1)
    shown = viewer(hand, bench)
    marked: list[object] = []
    shown.show_marks = lambda marks: marked.extend(one.anchor.selector for one in marks)  # type: ignore[method-assign]
    shown.anchor_moved.emit(anchor, TextQuote("Pupils mark their own exit tickets"))
    assert [one.selector for one in hand.settle().review.anchors] == [
        TextQuote("Pupils mark their own exit tickets")
    ]
    marked.clear()
    shown.anchor_moved.emit(anchor, ImageRegion(Box(1, 1, 5, 5)))
    assert len(hand.settle().review.anchors) == 1
    assert marked == [TextQuote("Pupils mark their own exit tickets")]


def test_a_link_that_nobody_captured_is_cited_as_a_whole_and_never_opened(
    hand: Hand, bench: Workbench
) -> None:
    own_id = hand.given(usual("7F3A-21").add_link("https://drive.example.org/d/1AbC"))
    hand.desk.record_completeness(own_id)
    first = hand.open(own_id).rubric.criteria[0].id
    bench.evidence.step_artifact(-1)
    hand.qtbot.waitUntil(lambda: "https://drive.example.org/d/1AbC" in said(bench))
    assert "never opened here" in said(bench)
    QTest.keyClick(bench, Qt.Key.Key_A)
    review = hand.settle().review
    assert [(one.artifact_id, one.selector) for one in review.anchors] == [("a3", Whole())]
    assert review.criteria_citing(review.anchors[0].id) == (first,)


def test_a_click_on_a_tab_takes_the_keys_out_of_the_text_left(hand: Hand, bench: Workbench) -> None:
    own_id = hand.given(usual("7F3A-21"))
    hand.desk.record_completeness(own_id)
    hand.open(own_id)
    field = hand.enter("Rationale")
    bar = tabs(bench)
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(1).center())
    assert not field.hasFocus()
    front = viewer(hand, bench)
    hand.qtbot.waitUntil(
        lambda: front.hasFocus() or front.isAncestorOf(hand.window.focusWidget() or hand.window)
    )


def test_before_the_check_an_anchor_belongs_to_no_criterion(hand: Hand, bench: Workbench) -> None:
    hand.open(hand.given(usual("7F3A-21")))
    viewer(hand, bench).selector_offered.emit(Whole())
    review = hand.settle().review
    (anchor,) = review.anchors
    assert review.criteria_citing(anchor.id) == ()


def test_a_chip_in_the_rubric_brings_its_artifact_and_place_to_the_front(
    hand: Hand, bench: Workbench
) -> None:
    own_id = hand.given(usual("7F3A-21"))
    hand.desk.record_completeness(own_id)
    case = hand.open(own_id)
    first = case.rubric.criteria[0].id
    hand.act(lambda desk: desk.place_anchor(own_id, "a1", TextQuote("quokka waits"), "", first))
    assert tabs(bench).currentIndex() == 0
    hand.qtbot.waitUntil(lambda: bool(hand.seen(Chip, "Anchor, plan.md")))
    (chip,) = hand.seen(Chip, "Anchor, plan.md")
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert tabs(bench).currentIndex() == 1
    assert said(bench).find("The plan") >= 0


def test_the_menu_of_an_anchor_gives_it_to_criteria_and_takes_it_back(hand: Hand, bench: Workbench) -> None:
    own_id = hand.given(usual("7F3A-21"))
    hand.desk.record_completeness(own_id)
    first, second = hand.open(own_id).rubric.criteria[:2]
    hand.act(lambda desk: desk.place_anchor(own_id, "a0", Whole(), "", first.id))
    strip = bench.evidence.findChild(AnchorStrip)
    assert isinstance(strip, AnchorStrip)

    def choose(words: str) -> None:
        (mark,) = strip.marks
        (act,) = [
            one for one in strip.menu_for(mark).actions() if one.text().replace("&", "").startswith(words)
        ]
        act.trigger()
        hand.settle()

    choose("Give to criterion 2")
    assert hand.case.review.work(second.id).anchors == hand.case.review.work(first.id).anchors
    choose("Take from criterion 1")
    assert hand.case.review.work(first.id).anchors == ()
    choose("Remove")
    assert hand.case.review.anchors == ()


def test_anchors_stand_in_the_order_of_their_places_and_a_still_says_that_it_is_one(
    hand: Hand, bench: Workbench
) -> None:
    own_id = hand.given(usual("EV-41"))
    hand.open(own_id)
    for selector in (TimeSpan(31_000), TimeSpan(21_000, 24_000), TimeSpan(1_000, still=True)):
        hand.act(lambda desk, selector=selector: desk.place_anchor(own_id, "a2", selector))
    case = hand.settle()
    placed = in_order(case.review.anchors)
    assert [in_words(one) for one in placed] == ["00:01 (still)", "00:21–00:24", "00:31"]
    pages = [TextQuote("b", page=2, start=9, end=10), PageRegion(1), TextQuote("a", page=2, start=1, end=2)]
    of_pages = in_order(Anchor(str(n), "a1", where) for n, where in enumerate(pages))
    assert [one.id for one in of_pages] == ["1", "2", "0"]


def test_with_the_evidence_alone_keys_are_for_the_evidence(hand: Hand, bench: Workbench) -> None:
    hand.open(hand.given(usual("EV-42")))
    front = viewer(hand, bench)
    bench.inbox.setFocus()
    bench.action("evidence_alone").trigger()
    focused = hand.window.focusWidget()
    assert focused is not None
    assert focused is front or front.isAncestorOf(focused)


def test_an_anchor_is_moved_to_other_words_by_its_menu(hand: Hand, bench: Workbench) -> None:
    own_id = hand.given(usual("7F3A-21"))
    hand.open(own_id)
    hand.act(lambda desk: desk.place_anchor(own_id, "a1", TextQuote("quokka waits")))
    bench.evidence.step_artifact(1)
    front, strip = viewer(hand, bench), bench.evidence.findChild(AnchorStrip)
    assert isinstance(strip, AnchorStrip)
    (mark,) = strip.marks
    assert "Move it to what is selected" not in [act.text() for act in strip.menu_for(mark).actions()]
    pane = front.findChild(QTextBrowser)
    assert isinstance(pane, QTextBrowser)
    hand.qtbot.waitUntil(lambda: pane.find("exit tickets"))
    (act,) = [act for act in strip.menu_for(mark).actions() if act.text() == "Move it to what is selected"]
    act.trigger()
    (anchor,) = hand.settle().review.anchors
    assert anchor.id == mark.anchor.id
    assert isinstance(anchor.selector, TextQuote)
    assert anchor.selector.exact == "exit tickets"
    hand.act(lambda desk: desk.undo(own_id))
    assert hand.case.review.anchors == (mark.anchor,)


def test_delete_removes_the_frame_that_was_clicked_on(hand: Hand, bench: Workbench) -> None:
    own_id = hand.given(usual("7F3A-21"))
    hand.open(own_id)
    hand.act(lambda desk: desk.place_anchor(own_id, "a2", ImageRegion(Box(10, 10, 40, 40))))
    bench.evidence.step_artifact(-1)
    front = viewer(hand, bench)
    canvas = front.stage
    assert isinstance(canvas, ImageCanvas)
    hand.qtbot.waitUntil(lambda: bool(canvas.placed_marks()))
    box = canvas.placed_marks()[0].box
    assert box is not None
    QTest.keyClick(canvas, Qt.Key.Key_Delete)  # nothing is chosen yet
    assert len(hand.settle().review.anchors) == 1
    QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=box.center().toPoint())
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert hand.settle().review.anchors == ()


def test_keys_stay_with_the_evidence_while_one_steps_from_artifact_to_artifact(
    hand: Hand, bench: Workbench
) -> None:
    hand.open(hand.given(usual("7F3A-21").add("locked.bin", bytes(range(256)) * 4)))
    front = viewer(hand, bench)
    front.setFocus()
    for _ in range(5):
        bench.evidence.step_artifact(1)
        focused = hand.window.focusWidget()
        assert focused is not None
        assert bench.evidence.isAncestorOf(focused)
        viewer(hand, bench)
    front = viewer(hand, bench)
    focused = hand.window.focusWidget()
    assert focused is not None
    assert front is focused or front.isAncestorOf(focused)


def test_a_picture_is_shown_with_what_its_educator_says_of_it(hand: Hand, bench: Workbench) -> None:
    given = Given("7F3A-21").add("board.png", photo(), label="All boards at 0:25")
    hand.open(hand.given(given))
    assert isinstance(viewer(hand, bench).current_selector(), ImageRegion | Whole)
    assert "All boards at 0:25" in said(bench)


def test_an_artifact_that_is_not_here_yet_says_how_far_it_is(hand: Hand, bench: Workbench) -> None:
    content = bytes(range(256)) * 4_000
    given = Given("7F3A-21").add("clip.mp4", content).leave_out("clip.mp4", arrived=len(content) // 2)
    hand.open(hand.given(given))
    assert "Not on this computer yet" in said(bench)
    assert "49 % of 1 MB" in said(bench) or "50 % of 1 MB" in said(bench)


def _bringing(bench: Workbench) -> NotHere:
    return next(page for page in bench.evidence.findChildren(NotHere) if page.isVisible())


def test_what_is_not_here_is_brought_by_its_button_which_says_how_much_that_is(
    hand: Hand, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = bytes(range(256)) * 4_000
    hand.open(hand.given(Given("7F3A-21").add("clip.mp4", content).leave_out("clip.mp4")))
    page, begun, end = _bringing(bench), threading.Event(), threading.Event()

    def bring(_sub: str, _art: str, told: Callable[[int, int], None], stop: threading.Event) -> bool:
        told(256_000, 1_024_000)
        begun.set()
        while not stop.wait(0.01) and not end.is_set():
            pass
        return end.is_set()

    monkeypatch.setattr(hand.session.desk, "bring_here", bring)
    assert page.act.text() == "Bring it here (1 MB)"
    page.act.setFocus()
    hand.qtbot.keyClick(page.act, Qt.Key.Key_Return)
    hand.qtbot.waitUntil(lambda: "256 kB of 1 MB" in said(bench), timeout=5_000)
    assert page.bar.value() == 250
    assert page.act.text() == "Stop"
    hand.qtbot.keyClick(page.act, Qt.Key.Key_Space)
    hand.qtbot.waitUntil(lambda: "Bring it here" in page.act.text(), timeout=5_000)


def test_evidence_that_was_damaged_on_this_disk_says_so_and_is_fetched_again(
    hand: Hand, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_id = hand.given(usual("7F3A-21"))
    desk, asked = hand.session.desk, list[str]()
    first = desk.case(own_id).submission.artifacts[0]
    path = desk.evidence(own_id, first.id).path
    sound = path.read_bytes()
    path.write_bytes(sound[:-20] + bytes(20))

    def bring(_sub: str, art: str, _told: object, _stop: object) -> bool:
        asked.append(art)
        if len(asked) == 1:
            raise Unavailable("The hub cannot be reached")
        path.write_bytes(sound)
        desk.store.artifact_arrived(own_id, art)
        return True

    monkeypatch.setattr(desk, "bring_here", bring)
    hand.open(own_id)
    hand.qtbot.waitUntil(lambda: "It was damaged on this disk" in said(bench), timeout=5_000)
    hand.qtbot.waitUntil(lambda: bool(asked), timeout=5_000)
    hand.qtbot.waitUntil(lambda: "Bring it here" in _bringing(bench).act.text(), timeout=5_000)
    assert asked == [first.id]
    hand.qtbot.keyClick(_bringing(bench).act, Qt.Key.Key_Return)
    hand.qtbot.waitUntil(lambda: bench.evidence.viewer is not None, timeout=5_000)
    assert asked == [first.id, first.id]


def test_words_of_what_is_not_here_are_whole_in_the_smallest_half(hand: Hand, bench: Workbench) -> None:
    content = bytes(range(256)) * 4_000
    hand.open(hand.given(Given("7F3A-21").add("clip.mp4", content).leave_out("clip.mp4")))
    page = _bringing(bench)
    page.setParent(None)
    page.resize(200, 160)
    page.show()
    hand.qtbot.waitUntil(lambda: page.width() == 200, timeout=5_000)
    for label in page.findChildren(QLabel):
        if label.isVisible():
            assert label.height() >= label.heightForWidth(label.width()), label.text()
    assert page.column.geometry().width() <= 200
    page.deleteLater()


def test_turning_to_the_half_whose_evidence_is_not_here_gives_the_keys_to_the_button_that_brings_it(
    hand: Hand, bench: Workbench
) -> None:
    given = Given("7F3A-21").add("plan.md", PLAN).add("clip.mp4", bytes(4_000)).leave_out("clip.mp4")
    hand.open(hand.given(given))
    bench.run("beside")
    hand.qtbot.waitUntil(
        lambda: bench.evidence.half.viewer is None and _bringing(bench).offers, timeout=5_000
    )
    with_button, other = (
        bench.evidence.half,
        next(half for half in bench.evidence._halves if half is not bench.evidence.half),
    )
    bench.run("other_side")
    assert bench.evidence.half is other
    bench.run("other_side")
    assert bench.evidence.half is with_button
    assert bench.focusWidget() is _bringing(bench).act


def test_what_was_taken_away_offers_no_way_of_bringing_it(hand: Hand, bench: Workbench) -> None:
    hand.open(hand.given(Given("7F3A-21").add_link("https://example.org/clip")))
    assert not _bringing(bench).offers


def test_a_link_that_was_not_captured_says_so_and_names_it(hand: Hand, bench: Workbench) -> None:
    hand.open(hand.given(Given("7F3A-21").add_link("https://example.org/clip")))
    assert "Not captured" in said(bench)
    assert "https://example.org/clip" in said(bench)


def test_a_damaged_artifact_says_so_and_the_others_still_open(hand: Hand, bench: Workbench) -> None:
    given = Given("7F3A-21").add("broken.md", PLAN).damage("broken.md").add("plan.md", PLAN, Part.OVERVIEW)
    hand.open(hand.given(given))
    hand.qtbot.waitUntil(lambda: "broken.md" in said(bench), timeout=10_000)
    bench.evidence.step_artifact(1)
    viewer(hand, bench)
    assert "broken.md" not in said(bench)


def test_forty_artifacts_can_all_be_reached(hand: Hand, bench: Workbench) -> None:
    given = Given("7F3A-21")
    for number in range(40):
        given.add_link(f"https://example.org/{number}")
    hand.open(hand.given(given))
    assert tabs(bench).count() == 40
    (every,) = [
        one for one in bench.evidence.findChildren(QToolButton) if one.accessibleName() == "All artifacts"
    ]
    every.menu().aboutToShow.emit()
    assert len(every.menu().actions()) == 40
    every.menu().actions()[39].trigger()
    assert "https://example.org/39" in said(bench)
    bench.evidence.step_artifact(1)
    assert "https://example.org/0" in said(bench)


def test_typing_leaves_the_viewer_alone(hand: Hand, bench: Workbench) -> None:
    hand.open(hand.given(usual("7F3A-21")))
    shown = viewer(hand, bench)
    calls: list[object] = []
    shown.show_marks = calls.append  # type: ignore[method-assign]
    hand.write("Notes", "private")
    hand.leave()
    assert calls == []
    assert bench.evidence.viewer is shown


def test_with_nothing_open_the_pane_says_what_it_is_for(hand: Hand, bench: Workbench) -> None:
    assert "Evidence opens here" in said(bench)
    hand.open(hand.given(usual("7F3A-21")))
    hand.session.select("")
    assert "Evidence opens here" in said(bench)
    assert not hand.seen(QPlainTextEdit, "")


# Taken back


def _recall(desk: Desk) -> None:
    told = {"assignment-7F3A-21": WithdrawalReason.CONSENT_WITHDRAWN}
    desk.store.accept(SourceChanges("c-recalled", withdrawn=tuple(told), withdrawn_for=told))


def test_evidence_recalled_while_it_is_open_is_closed_and_said_to_be_removed(
    hand: Hand, bench: Workbench
) -> None:
    own_id = hand.given(usual("7F3A-21"))
    hand.desk.write_text(own_id, TextField.OVERALL, "Mine to keep")
    hand.open(own_id)
    viewer(hand, bench)
    hand.act(_recall)
    hand.qtbot.waitUntil(lambda: "Set aside, evidence removed" in said(bench))
    assert bench.evidence.viewer is None
    assert "the educator has withdrawn their consent" in said(bench)
    assert "Cannot be shown" not in said(bench)
    banner = bench.findChild(Banner)
    assert isinstance(banner, Banner)
    assert banner.words == (
        "Set aside: the educator has withdrawn their consent. The evidence was removed from this computer. "
        "Your work is kept and can be read and exported."
    )
    assert hand.case.review.overall == "Mine to keep"
    bench.evidence.step_artifact(1)
    assert "Set aside, evidence removed" in said(bench)


def test_a_rubric_that_nobody_vouches_for_is_told_over_the_cards(hand: Hand, bench: Workbench) -> None:
    unsigned = replace(hand.template.rubric, version="2026.2", signature=b"", vouched="")
    template = replace(hand.template, rubric=unsigned)
    hand.open(assign(hand.desk, template, usual("7F3A-21")))
    banner = bench.findChild(Banner)
    assert isinstance(banner, Banner)
    assert "in version 2026.2 carries no issuer’s signature" in banner.words
    assert banner.isVisible()


def test_what_is_seen_at_an_anchor_stays_typed_until_the_disk_has_it(
    hand: Hand, bench: Workbench, failing: Callable[[str, DeskError], Callable[[], None]]
) -> None:
    own_id = hand.given(usual("7F3A-21"))
    hand.open(own_id)
    hand.act(lambda desk: desk.place_anchor(own_id, "a1", TextQuote("exit tickets"))[0])
    bench.evidence.step_artifact(1)
    strip = bench.evidence.findChild(AnchorStrip)
    assert isinstance(strip, AnchorStrip)
    hand.qtbot.waitUntil(lambda: len(strip.marks) == 1)
    mend = failing("name_anchor", Unavailable("The disk is full"))
    menu = strip.menu_for(strip.marks[0])
    next(act for act in menu.actions() if act.text().startswith("Say what is seen")).trigger()
    dialog = bench.evidence.findChild(NameAnchorDialog)
    assert isinstance(dialog, NameAnchorDialog)
    line = dialog.findChild(QLineEdit)
    assert isinstance(line, QLineEdit)
    line.setText("every student answers")
    QTest.keyClick(line, Qt.Key.Key_Return)
    hand.settle()
    assert dialog.isVisible()
    assert line.text() == "every student answers"
    assert "could not be saved" in dialog.hint.text()
    mend()
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert hand.settle().review.anchors[0].note == "every student answers"
    hand.qtbot.waitUntil(lambda: not bench.evidence.findChildren(NameAnchorDialog))


def test_a_line_at_an_anchor_is_never_cut_without_a_word(hand: Hand, bench: Workbench) -> None:
    own_id, seen = hand.given(usual("7F3A-21")), "w" * 40_000  # more than Qt lets into a line by itself
    hand.open(own_id)
    anchor = hand.act(lambda desk: desk.place_anchor(own_id, "a1", Whole(), seen)[0]).review.anchors[0]
    dialog = NameAnchorDialog(hand.session, own_id, anchor, bench)
    assert dialog.note.text() == seen
    assert dialog.note.selectedText() == seen
    dialog.note.deselect()
    QApplication.clipboard().setText("w" * LONGEST_TEXT)
    dialog.note.paste()
    assert len(dialog.note.text()) == LONGEST_TEXT
    assert dialog.hint.text() == "A line has 100,000 characters at most; what was more is not in it."


def test_whoever_said_what_is_seen_there_goes_on_where_the_keys_were(hand: Hand, bench: Workbench) -> None:
    given_two(hand)
    bench.evidence.step_artifact(1)
    strip = bench.evidence.findChild(AnchorStrip)
    assert isinstance(strip, AnchorStrip)
    hand.qtbot.waitUntil(lambda: len(strip.marks) == 1)
    chip = next(one for one in strip.findChildren(Chip) if one.isVisible())
    chip.setFocus()
    QTest.keyClick(chip, Qt.Key.Key_F2)
    dialog = bench.evidence.findChild(NameAnchorDialog)
    assert isinstance(dialog, NameAnchorDialog)
    dialog.note.setText("every student answers")
    QTest.keyClick(dialog.note, Qt.Key.Key_Return)
    hand.qtbot.waitUntil(lambda: not bench.evidence.findChildren(NameAnchorDialog))
    after = bench.window().focusWidget()
    assert isinstance(after, Chip)
    assert "every student answers" in after.text()


def given_two(hand: Hand) -> str:
    """A submission that is checked, with an anchor on its plan."""
    own_id = hand.given(usual("7F3A-21"))
    hand.desk.record_completeness(own_id)
    hand.desk.place_anchor(own_id, "a1", TextQuote("exit tickets"), "who marks them")
    hand.open(own_id)
    return own_id


def test_two_artifacts_stand_side_by_side_and_keys_act_on_the_one_turned_to(
    hand: Hand, bench: Workbench
) -> None:
    given_two(hand)
    viewer(hand, bench)
    bench.run("beside")
    assert bench.evidence.two
    hand.qtbot.waitUntil(lambda: bench.evidence.viewer is not None)
    assert bench.evidence.current_artifact is not None
    assert bench.evidence.current_artifact.id == "a1"
    viewer(hand, bench).selector_offered.emit(TextQuote("quokka waits"))
    assert [one.artifact_id for one in hand.settle().review.anchors] == ["a1", "a1"]
    QTest.keyClick(bench, Qt.Key.Key_F6)
    assert bench.evidence.current_artifact.id == "a0"
    bench.evidence.step_artifact(1)
    assert len({half.current_artifact.id for half in bench.evidence._halves if half.current_artifact}) == 1
    bench.run("beside")
    assert not bench.evidence.two
    assert bench.evidence.current_artifact.id == "a1"


def test_an_anchor_is_revealed_in_the_half_that_shows_its_artifact(hand: Hand, bench: Workbench) -> None:
    given_two(hand)
    viewer(hand, bench)
    bench.run("beside")
    bench.run("other_side")
    assert bench.evidence.current_artifact is not None
    assert bench.evidence.current_artifact.id == "a0"
    bench.evidence.reveal_anchor(hand.case.review.anchors[0].id)
    assert bench.evidence.current_artifact.id == "a1"
    assert [half.current_artifact.id for half in bench.evidence._halves if half.current_artifact] == [
        "a0",
        "a1",
    ]


def lost_the_plan(hand: Hand) -> str:
    """The usual submission, of which the educator took the plan away; an anchor was on it. The submission's id."""
    own_id = given_two(hand)
    submission = hand.case.submission
    fewer = tuple(one for one in submission.artifacts if one.id != "a1")
    told = SourceChanges("c-fewer", submissions=(replace(submission, artifacts=fewer),))
    hand.act(lambda desk: desk.store.accept(told))
    return own_id


def arrive(desk: Desk, own_id: str, artifact_id: str) -> None:
    """The last byte of an artifact comes."""
    vault = Vault(desk.folder / "vault")
    with desk.store.reading() as view:
        line = next(one for one in view.artifacts(own_id) if one.artifact_id == artifact_id)
    vault.partial(line.blob_digest).rename(vault.path(line.blob_digest))
    desk.store.artifact_arrived(own_id, artifact_id)


def revealed(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """To which places viewers of words go from now on."""
    places: list[object] = []
    monkeypatch.setattr(WordsViewer, "reveal", lambda _viewer, selector: places.append(selector))
    return places


def test_an_anchor_on_evidence_that_is_gone_says_so_and_nothing_else_jumps(
    hand: Hand, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost_the_plan(hand)
    viewer(hand, bench)
    places = revealed(monkeypatch)
    bench.run("anchors")
    tree = bench.evidence.list.findChild(QTreeWidget)
    assert isinstance(tree, QTreeWidget)
    assert texts(tree)[0] == "Not in the evidence any more  (1)"
    heading = tree.topLevelItem(0)
    assert heading is not None
    tree.itemClicked.emit(heading.child(0), 0)
    assert hand.notices.sentences == [
        "That is not in the evidence any more. The anchor and what was written are kept."
    ]
    hand.open(hand.given(usual("91BB-02")))
    viewer(hand, bench)
    bench.evidence.step_artifact(1)
    viewer(hand, bench)
    assert places == []


def test_an_anchor_on_what_is_not_here_yet_waits_for_that_artifact_of_that_submission(
    hand: Hand, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_id = hand.given(usual("7F3A-21").leave_out("plan.md", arrived=1_000_000))
    _, anchor = hand.desk.place_anchor(own_id, "a1", TextQuote("exit tickets"))
    hand.open(own_id)
    viewer(hand, bench)
    places = revealed(monkeypatch)
    bench.evidence.reveal_anchor(anchor)
    assert "Not on this computer yet" in said(bench)
    bench.evidence.step_artifact(-1)
    viewer(hand, bench)
    assert places == []
    bench.evidence.reveal_anchor(anchor)
    hand.open(hand.given(usual("91BB-02")))
    bench.evidence.step_artifact(1)
    viewer(hand, bench)
    assert places == [], "its plan has the same id"
    hand.open(own_id)
    bench.evidence.reveal_anchor(anchor)
    hand.act(lambda desk: arrive(desk, own_id, "a1"))
    viewer(hand, bench)
    assert places == [TextQuote("exit tickets")]
    assert hand.notices.sentences == []


def test_the_list_of_anchors_gives_names_and_removes_by_keys(hand: Hand, bench: Workbench) -> None:
    own_id = given_two(hand)
    second = hand.case.rubric.criteria[1].id
    bench.rubric.step_criterion(1)
    bench.run("anchors")
    tree = bench.evidence.list.findChild(QTreeWidget)
    assert isinstance(tree, QTreeWidget)
    assert texts(tree) == ["Plan  (1)", "“exit tickets” who marks them"]
    QTest.keyClick(tree, Qt.Key.Key_Plus)
    assert hand.settle().review.work(second).anchors
    bench.evidence.list.findChildren(QPushButton)[1].click()
    assert texts(tree)[0].startswith("2  ")
    QTest.keyClick(tree, Qt.Key.Key_Minus)
    assert hand.settle().review.work(second).anchors == ()
    assert texts(tree)[0].startswith("Not cited yet")
    QTest.keyClick(tree, Qt.Key.Key_Delete)
    assert hand.settle().review.anchors == ()
    assert hand.desk.case(own_id).can_undo


def texts(tree: QTreeWidget) -> list[str]:
    """What stands in the list, from top to bottom."""
    found = []
    for top in range(tree.topLevelItemCount()):
        heading = tree.topLevelItem(top)
        assert heading is not None
        found.append(heading.text(0))
        found += [heading.child(place).text(0) for place in range(heading.childCount())]
    return found


def test_an_anchor_dropped_on_a_criterion_is_given_to_it(hand: Hand, bench: Workbench) -> None:
    given_two(hand)
    anchor = hand.case.review.anchors[0].id
    third = hand.case.rubric.criteria[2].id
    card = bench.rubric.cards[third]
    told = carried(anchor)
    dropped = QDropEvent(
        QPointF(20, 20),
        Qt.DropAction.CopyAction,
        told,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    assert card.acceptDrops()
    card.dropEvent(dropped)
    assert hand.settle().review.work(third).anchors == (anchor,)
    hand.act(lambda desk: desk.undo(hand.case.submission.id))
    assert hand.settle().review.work(third).anchors == ()


def test_two_artifacts_side_by_side_stand_so_again_the_next_day(
    hand: Hand, bench: Workbench, desk: Desk
) -> None:
    given_two(hand)
    bench.run("beside")
    bench.evidence.toggle_list()
    halves = bench.evidence.findChildren(Half)
    room = sum(half.width() for half in halves)
    bench.evidence._side_by_side.setSizes([room * 2 // 3, room // 3])
    before = bench.evidence.arrangement
    assert (before.two, before.list_shown) == (True, True)
    assert 62 <= before.share <= 68
    bench.leave()
    hand.session.select("")
    again = Workbench(hand.session, Preferences(desk.settings))
    again.furnish()
    hand.show(again)
    hand.open(hand.session.desk.inbox()[0].submission_id)
    hand.qtbot.waitUntil(lambda: not again.evidence._unsettled)
    hand.settle()
    assert abs(again.evidence.arrangement.share - before.share) <= 3
    assert again.evidence.two
    assert not again.evidence.list.isHidden()
    assert again.evidence.half is again.evidence._halves[0]
    first, second = again.evidence._halves
    assert first.current_artifact != second.current_artifact
    again.leave()
    again.deleteLater()


@pytest.mark.parametrize("line", ["", "1", "1 50 x 240", "1 50 1 99999999999", "-1 50 0 240"])
def test_an_arrangement_that_cannot_be_read_is_the_usual_one(line: str) -> None:
    assert Arrangement.read(line) == Arrangement()
    assert Arrangement.read("1 0 0 0") == Arrangement(two=True, share=10)
