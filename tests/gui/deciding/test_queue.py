"""The reviewer's queue: where each submission stands, how long it waits, filters that are kept, search in all texts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from tests.gui.conftest import Open
from tests.gui.deciding.making import KEY, OTHER, PASSPHRASE
from tests.gui.deciding.test_deciding_pane import dialog_of

from assessor_desk.desk import Desk
from assessor_desk.desk.queue import Queue
from assessor_desk.desk.queued import Queued, QueueFilter, QueueState
from assessor_desk.domain.errors import Refused
from assessor_desk.gui import queue_words
from assessor_desk.gui.dialogs.name_filter import NameFilterDialog
from assessor_desk.gui.dialogs.search_reviews import SearchReviews
from assessor_desk.gui.panes.deciding import DecidingPane


def lines(opened: Open) -> list[str]:
    """The inbox as a screen reader says it."""
    model = opened.workbench.inbox.list.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def waiting(**given: int) -> Queued:
    return Queued("s", QueueState.TO_DECIDE, "r", datetime.now(UTC), **given)


def test_the_queue_says_what_is_to_decide_and_what_awaits_its_review(opened: Open) -> None:
    told = lines(opened)
    assert told[0] == "To decide, 1"
    assert told[1].startswith(f"{KEY}, ")
    assert told[1].endswith("to decide, came today")
    assert told[2] == "Awaiting a review, 1"
    assert told[3].startswith(f"{OTHER}, ")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"day": 4, "days": 5}, "day 4 of 5"),
        ({"day": 5, "days": 5}, "day 5 of 5"),
        ({"day": 6, "days": 5}, "1 day over"),
        ({"day": 9, "days": 5}, "4 days over"),
        ({"day": 0, "days": 5}, "came today"),
        ({"day": 3, "days": 0}, "day 3"),
    ],
)
def test_days_are_told_by_the_rule(given: dict[str, int], words: str) -> None:
    assert queue_words.age_in_words(waiting(**given)) == words


def test_days_are_working_days_since_the_review_came_holidays_left_out(desk: Desk) -> None:
    own_id = desk.find(KEY)
    since = desk.queue.standing([own_id])[own_id].since
    assert since is not None
    later = since + timedelta(days=14)
    queued = Queue(desk.store, desk.vault, lambda: later).standing([own_id])[own_id]

    import holidays

    calendar = holidays.country_holidays("US")
    days = [since.date() + timedelta(days=one) for one in range(1, 15)]
    assert queued.day == sum(calendar.is_working_day(one) for one in days)
    assert queued.days == 5
    assert queued.overdue


def test_what_was_decided_runs_no_longer(opened: Open, desk: Desk) -> None:
    own_id = desk.find(KEY)
    desk.decide(own_id, PASSPHRASE)
    assert desk.queue.standing([own_id])[own_id].state is QueueState.SEALED_WAITING
    desk.sync()
    queued = desk.queue.standing([own_id])[own_id]
    assert (queued.state, queued.outcome, queue_words.age_in_words(queued)) == (
        QueueState.ON_HUB,
        "not_yet",
        "",
    )
    opened.workbench.inbox.refresh()
    opened.settle()
    assert "Decided, 1" in lines(opened)


def test_a_review_passed_back_is_told_so(desk: Desk) -> None:
    own_id = desk.find(KEY)
    desk.pass_back(own_id, "Say where the lesson shows it, please.", PASSPHRASE)
    desk.sync()
    assert desk.queue.standing([own_id])[own_id].state is QueueState.PASSED_BACK


def choose(opened: Open, title: str) -> None:
    """Choose from the filter's menu, as a person does."""
    menu: QMenu = opened.workbench.inbox.filter.menu()
    opened.workbench.inbox.filter.fill()
    next(act for act in menu.actions() if act.text() == title).trigger()
    opened.settle()


def test_a_filter_shows_what_is_wanted_and_says_so(opened: Open) -> None:
    choose(opened, "Awaiting a review")
    assert [one for one in lines(opened) if KEY in one] == []
    assert opened.workbench.inbox.filter.accessibleName() == "Show: Awaiting a review"
    choose(opened, "Everything")
    assert len(lines(opened)) == 4


def test_a_filter_that_nothing_fits_says_so(opened: Open) -> None:
    choose(opened, "Only what is overdue")
    assert lines(opened) == []
    assert opened.workbench.inbox._empty.title == "Nothing fits the filter"


def test_a_filter_that_was_saved_is_there_again_and_can_be_forgotten(opened: Open, desk: Desk) -> None:
    inbox = opened.workbench.inbox
    choose(opened, "To decide")
    inbox.filter.saved.emit("Mine today", inbox.filter.wanted)
    opened.settle()
    assert desk.queue.filters() == {"Mine today": QueueFilter(frozenset({QueueState.TO_DECIDE}))}
    assert inbox.filter.words == "Mine today"
    choose(opened, "Everything")
    choose(opened, "Mine today")
    assert inbox.filter.wanted.states == {QueueState.TO_DECIDE}
    choose(opened, "Forget “Mine today”")
    assert desk.queue.filters() == {}


def test_a_filter_is_saved_under_the_name_that_one_types(opened: Open, desk: Desk) -> None:
    choose(opened, "To decide")
    choose(opened, "Save this filter…")
    [dialog] = opened.window.findChildren(NameFilterDialog)
    assert dialog.field.text() == "To decide"
    dialog.field.clear()
    assert not dialog.save.isEnabled()
    QTest.keyClicks(dialog.field, " Mine today ")
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    opened.settle()
    assert list(desk.queue.filters()) == ["Mine today"]


def test_a_filter_needs_a_name(desk: Desk) -> None:
    with pytest.raises(Refused, match="Give the filter a name"):
        desk.queue.save_filter("  ", QueueFilter(overdue=True))


def test_a_text_that_was_found_is_opened_where_it_stands(opened: Open) -> None:
    dialog = dialog_of(opened, "search_reviews", SearchReviews)
    assert isinstance(dialog, SearchReviews)
    QTest.keyClicks(dialog.field, "quok line 3")
    opened.qtbot.waitUntil(
        lambda: dialog.told.text() == "Nowhere do all these words stand together in one text."
    )
    dialog.field.clear()
    QTest.keyClicks(dialog.field, "line 3 quok")
    opened.qtbot.waitUntil(lambda: len(dialog.found) == 1)
    assert dialog.found[0].where.startswith("3 ")
    assert dialog.found[0].where.endswith("· Rationale")
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)

    opened.qtbot.waitUntil(lambda: opened.session.case is not None, timeout=5000)
    opened.settle()
    pane = opened.workbench.sheets.current
    assert isinstance(pane, DecidingPane)
    third = list(pane.cards.values())[2]
    assert pane.current_criterion == third.criterion.id
    focused = opened.window.focusWidget()
    assert focused is not None
    assert focused.accessibleName().startswith("Rationale, for reviewers: Line 3")


def test_more_texts_come_as_one_goes_down_the_list(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from assessor_desk.gui.dialogs import search_reviews

    monkeypatch.setattr(search_reviews, "AT_ONCE", 3)
    dialog = dialog_of(opened, "search_reviews", SearchReviews)
    assert isinstance(dialog, SearchReviews)
    QTest.keyClicks(dialog.field, "quokka")
    opened.qtbot.waitUntil(lambda: len(dialog.found) >= 3)
    for _ in range(8):
        QTest.keyClick(dialog.field, Qt.Key.Key_Down)
        opened.settle()
    assert len({(one.field, one.criterion) for one in dialog.found}) == len(dialog.found) >= 5
    dialog.reject()


def test_words_that_an_anchor_quotes_are_found_and_gone_to(opened: Open) -> None:
    dialog = dialog_of(opened, "search_reviews", SearchReviews)
    assert isinstance(dialog, SearchReviews)
    QTest.keyClicks(dialog.field, "eighteen")
    opened.qtbot.waitUntil(lambda: len(dialog.found) == 1)
    assert "anchor" in dialog.found[0].where.lower()
    with opened.qtbot.waitSignal(opened.workbench.evidence.artifact_shown, timeout=8000):
        QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    opened.settle()
    case = opened.session.case
    assert case is not None
    anchor = next(one for one in case.review.anchors if "eighteen" in one.said)
    artifact = opened.workbench.evidence.current_artifact
    assert artifact is not None
    assert artifact.id == anchor.artifact_id
