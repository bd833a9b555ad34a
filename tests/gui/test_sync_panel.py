"""What opens from the sync light: what waits, why, and when it is tried next."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PySide6.QtGui import QDesktopServices

from assessor_desk.desk.source_standing import SourceStanding, WaitingDelivery
from assessor_desk.gui.sync_panel import SyncPanel, colour_of
from assessor_desk.gui.sync_words import headline, lines

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
HUB = SourceStanding("urn:uuid:1", "Lakeside hub", NOW - timedelta(minutes=4))


def _clock(at: datetime) -> str:
    return f"{at.astimezone():%H:%M}"


def test_where_all_is_well_it_says_so() -> None:
    assert headline(HUB, NOW) == f"Lakeside hub: synced {_clock(NOW - timedelta(minutes=4))}"
    assert lines(HUB, NOW, True) == ["Nothing waits.", ""]
    assert colour_of(HUB) == "positive"


def test_what_waits_is_named_with_why_and_until_when() -> None:
    again = NOW + timedelta(minutes=7)
    waiting = tuple(WaitingDelivery(f"7F3A-{n}", "packet", NOW) for n in range(5))
    source = SourceStanding(
        "1", "Lakeside hub", None, waiting, 12, 310_000_000, "Nobody answers there.", "nobody", "", again
    )
    told = lines(source, NOW, True)
    since = _clock(NOW)
    assert headline(source, NOW) == "Lakeside hub: not synced yet"
    assert told == [
        "Nobody answers there.",
        (
            f"To be sent: review of 7F3A-0 since {since}, review of 7F3A-1 since {since}, "
            f"review of 7F3A-2 since {since}, 2 more."
        ),
        "12 files are still to come (310 MB).",
        "Your work is safe on this computer.",
        f"It is tried again at {_clock(again)}.",
    ]
    assert colour_of(source) == "caution"


def test_what_did_not_go_though_the_source_was_reached_is_told_with_why() -> None:
    why = "A server before Hub takes no deliveries of this size (413)."
    waiting = tuple(WaitingDelivery(f"7F3A-{n}", "packet", NOW, why) for n in range(2))
    assert lines(SourceStanding("1", "Hub", NOW, waiting), NOW, True)[1:] == [why, ""]
    assert colour_of(SourceStanding("1", "Hub", NOW, waiting)) == "caution"


def test_a_source_that_asked_for_time_is_told_from_one_that_is_out_of_reach() -> None:
    until = NOW + timedelta(hours=1)
    source = SourceStanding("1", "Hub", NOW, trouble="Later.", why="busy", try_again_at=until, asked=True)
    assert lines(source, NOW, True)[-1] == f"It asked to be left alone until {_clock(until)}."
    assert lines(source, NOW, True, "Syncing is paused.")[-1] == "Syncing is paused."
    assert lines(source, until, False)[-1] == "It is tried when you ask, as Settings say."
    assert lines(source, until, True)[-1] == "It is tried again in a moment."


def test_what_takes_a_person_is_marked_and_a_clock_that_is_off_is_told() -> None:
    refused = WaitingDelivery("7F3A-21", "decision", NOW, "The submission is on hold.", refused=True)
    source = SourceStanding("1", "Hub", NOW, (refused,), clock_off=-130)
    told = lines(source, NOW, True)
    assert told[0] == "The decision on 7F3A-21 was not taken. The submission is on hold."
    assert told[1].startswith("This computer's clock is 2 hours behind the hub's.")
    assert colour_of(source) == "danger"


@pytest.fixture
def panel(opened: Any) -> SyncPanel:
    page = "http://login.hotel.example/"
    source = SourceStanding(
        "1", "Hub", NOW, trouble="The network wants you to sign in.", why="sign_in", page=page
    )
    found = SyncPanel([source], lambda: NOW, by_itself=True, why_paused="", parent=opened.workbench)
    opened.qtbot.addWidget(found)
    return found


def test_one_click_tries_now_and_one_opens_the_page_that_the_network_wants(
    opened: Any, panel: SyncPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    visited = list[str]()
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: visited.append(url.toString()))
    panel.sign_in.click()
    assert visited == ["http://login.hotel.example/"]
    assert panel.now.text() == "Try now"
    with opened.qtbot.waitSignal(panel.wanted):
        panel.now.click()


def test_the_light_opens_the_panel_with_what_the_desk_knows(opened: Any) -> None:
    workbench = opened.workbench
    read = list[Any]()
    workbench.syncing.standing_read.disconnect()
    workbench.syncing.standing_read.connect(read.append)
    workbench.top.standing_wanted.emit()
    opened.qtbot.waitUntil(lambda: bool(read))
    assert read == [()]
