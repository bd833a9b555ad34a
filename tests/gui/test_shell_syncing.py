"""Rounds with a real hub in a process of its own, from connecting to being offline."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from pytestqt.qtbot import QtBot

from assessor_desk.cli.sample_hub import HubProcess, make_sample_hub
from assessor_desk.desk import Ledger
from assessor_desk.desk.source_standing import SourceStanding
from assessor_desk.domain.roles import Role
from assessor_desk.gui import app, syncing
from assessor_desk.gui.pages.first_run import FirstRun
from assessor_desk.gui.workbench import Workbench
from assessor_desk.sync.engine import RoundResult

PASSPHRASE = "violet harbour ladder"
LONG_MS = 60_000
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class SampleHub:
    """A hub with the sample submissions, and a code for an assessor."""

    process: HubProcess
    code: str


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[SampleHub]:
    """A hub that answers."""
    codes = make_sample_hub(tmp_path / "hub")
    with HubProcess(tmp_path / "hub") as process:
        yield SampleHub(process, codes[Role.ASSESSOR])


def _connect(program: app.Program, hub: SampleHub, qtbot: QtBot) -> Workbench:
    qtbot.waitUntil(lambda: isinstance(program.window.page, FirstRun))
    pages = program.window.page
    assert isinstance(pages, FirstRun)
    pages.choose.first.setText(PASSPHRASE)
    pages.choose.second.setText(PASSPHRASE)
    qtbot.keyClick(pages.choose.second, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: pages.currentIndex() == 1, timeout=LONG_MS)
    pages.recovery.field.setText(pages.recovery.asked_group)
    pages.recovery.go.click()
    pages.connect_page.address.setText(hub.process.url)
    pages.connect_page.code.setText(hub.code)
    with qtbot.waitSignal(program.ready, timeout=LONG_MS):
        pages.connect_page.go.click()
    workbench = program.window.workbench
    assert workbench is not None
    return workbench


def test_from_an_empty_folder_to_a_filled_inbox_and_on_without_the_hub(
    tmp_path: Path, hub: SampleHub, qtbot: QtBot
) -> None:
    with app.Program(tmp_path / "desk") as program:
        workbench = _connect(program, hub, qtbot)
        inbox, top = workbench.inbox, workbench.top
        qtbot.waitUntil(lambda: len(inbox.rows) >= 3, timeout=LONG_MS)
        qtbot.waitUntil(lambda: not workbench.syncing.running, timeout=LONG_MS)
        qtbot.waitUntil(lambda: top.sync_state.startswith("Synced"), timeout=LONG_MS)
        assert "ready offline" in inbox._ledger.text()

        hub.process.stop()
        workbench.run("sync")
        qtbot.waitUntil(lambda: top.sync_state == "Offline", timeout=LONG_MS)
        inbox.step(1)
        session = program.session
        assert session is not None
        qtbot.waitUntil(lambda: session.case is not None, timeout=LONG_MS)
        with qtbot.waitSignal(program.window.closed, timeout=LONG_MS):
            program.window.close()


# -- what the top bar says ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """Progress as a round tells it."""

    step: str = "fetching"
    what: str = "lesson.mp4"
    bytes_done: int = 500
    bytes_total: int = 1000


@dataclass(frozen=True)
class Done:
    """What a round did."""

    delivered: int = 0
    taken: int = 0
    fetched: int = 0
    troubles: tuple[str, ...] = ()
    stopped: bool = False


def test_a_round_under_way_can_be_paused_and_cancelled(opened: Any) -> None:
    top = opened.workbench.top
    top.show_progress(Told())
    assert top.sync_state == "Pause"
    assert top._progress.value() == 500
    assert "lesson.mp4" in top._progress.toolTip()
    with opened.qtbot.waitSignal(top.pause_wanted):
        top._sync.click()
    with opened.qtbot.waitSignal(top.cancel_wanted):
        top._cancel.click()
    top.end_progress()
    assert top._progress.isHidden()


def test_a_pause_lasts_until_the_person_syncs_again(opened: Any) -> None:
    rounds, begun = opened.workbench.syncing, list[bool]()
    rounds._start = lambda *, asked: begun.append(asked)
    rounds.pause()
    rounds.start_quietly()
    assert begun == []
    rounds.start()
    rounds.start_quietly()
    assert begun == [True, False]


class _Rounds:
    """In place of a desk's own: says of each round that began whether it was to fetch files, and ends it when told."""

    def __init__(self, opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.with_bytes: list[bool] = []
        self.going = threading.Event()

        def sync(
            _told: object, stop: threading.Event, _originals: bool, _now: bool, with_bytes: bool
        ) -> RoundResult:
            self.with_bytes.append(with_bytes)
            while not (stop.wait(0.01) or self.going.is_set()):
                pass
            return RoundResult(stopped=stop.is_set())

        monkeypatch.setattr(opened.session.desk, "sync", sync)
        monkeypatch.setattr(syncing, "_has_source", lambda _: True)


def test_on_a_metered_connection_packets_and_news_go_on_and_files_wait_until_asked_for(
    opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds, told = opened.workbench.syncing, _Rounds(opened, monkeypatch)
    told.going.set()
    monkeypatch.setattr(syncing, "on_metered_connection", lambda: True)
    for begin in (rounds.start_quietly, rounds.start):
        begin()
        opened.qtbot.waitUntil(lambda: not rounds.running)
    opened.preferences.pause_on_metered = False
    rounds.start_quietly()
    opened.qtbot.waitUntil(lambda: not rounds.running)
    assert told.with_bytes == [False, True, True]


def test_where_a_connection_becomes_metered_files_stop_and_go_on_afterwards(
    opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds, told, metered = opened.workbench.syncing, _Rounds(opened, monkeypatch), False
    monkeypatch.setattr(syncing, "on_metered_connection", lambda: metered)
    rounds.start_quietly()
    opened.qtbot.waitUntil(lambda: told.with_bytes == [True])
    metered = True
    rounds._on_metering_changed(True)
    opened.qtbot.waitUntil(lambda: told.with_bytes == [True, False])
    assert (rounds.why_paused, "metered" in rounds.why_files_wait) == ("", True)
    rounds._on_metering_changed(True)
    assert not rounds._round.stop.is_set(), "what is small goes on"
    told.going.set()
    opened.qtbot.waitUntil(lambda: not rounds.running)
    metered = False
    rounds._on_metering_changed(False)
    opened.qtbot.waitUntil(lambda: told.with_bytes == [True, False, True] and not rounds.running)
    assert rounds.why_files_wait == ""


@pytest.fixture
def amid_a_round(opened: Any, monkeypatch: pytest.MonkeyPatch) -> _Rounds:
    """Amid a quiet round without bytes, since the connection is metered."""
    told = _Rounds(opened, monkeypatch)
    monkeypatch.setattr(syncing, "on_metered_connection", lambda: True)
    opened.workbench.syncing.start_quietly()
    opened.qtbot.waitUntil(lambda: told.with_bytes == [False])
    return told


def test_what_is_asked_for_amid_a_round_has_one_more_round_with_its_files_and_its_end_is_told(
    opened: Any, amid_a_round: _Rounds
) -> None:
    rounds = opened.workbench.syncing
    for _ in range(5):
        opened.workbench.run("sync")
    amid_a_round.going.set()
    opened.qtbot.waitUntil(lambda: len(amid_a_round.with_bytes) > 1 and not rounds.running)
    opened.settle()
    assert amid_a_round.with_bytes == [False, True]
    assert not rounds.running
    assert opened.session.notices.sentences == ["Synced: nothing new."]


def test_the_end_of_a_round_amid_which_another_was_asked_for_is_told(
    opened: Any, amid_a_round: _Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds, began = opened.workbench.syncing, list[bool]()
    rounds.start()
    monkeypatch.setattr(rounds, "_start", lambda *, asked: began.append(asked))
    amid_a_round.going.set()
    opened.qtbot.waitUntil(lambda: not rounds.running)
    assert opened.session.notices.sentences == ["Synced: nothing new."]
    assert began == [True]


@pytest.mark.parametrize("ended_by", ["pause", "cancel"])
def test_a_pause_or_the_cross_after_that_ends_it_and_no_other_round_begins(
    opened: Any, amid_a_round: _Rounds, ended_by: str
) -> None:
    rounds = opened.workbench.syncing
    rounds.start()
    getattr(rounds, ended_by)()
    opened.qtbot.waitUntil(lambda: not rounds.running)
    opened.settle()
    assert amid_a_round.with_bytes == [False]
    assert rounds.paused == (ended_by == "pause")


def test_what_is_asked_for_once_a_pause_is_chosen_is_begun_when_the_round_has_ended(
    opened: Any, amid_a_round: _Rounds
) -> None:
    rounds = opened.workbench.syncing
    rounds.pause()
    rounds.start()
    opened.qtbot.waitUntil(lambda: amid_a_round.with_bytes == [False, True])
    assert not rounds.paused
    amid_a_round.going.set()
    opened.qtbot.waitUntil(lambda: not rounds.running)


def test_the_cross_lets_no_round_follow_though_a_pause_of_the_source_is_over(
    opened: Any, amid_a_round: _Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds, now = opened.workbench.syncing, syncing.now_utc()
    standing = [SourceStanding("1", "Hub", try_again_at=now - timedelta(seconds=1))]
    monkeypatch.setattr(opened.session.desk, "sources", lambda: tuple(standing))
    rounds.cancel()
    opened.qtbot.waitUntil(lambda: not rounds.running)
    opened.settle()
    assert not rounds._again.isActive()
    standing.append(SourceStanding("2", "Another", try_again_at=now + timedelta(minutes=1)))
    rounds._plan(stopped=True)
    opened.settle()
    assert 50_000 < rounds._again.remainingTime() <= 61_000
    rounds._plan(stopped=False)
    opened.settle()
    assert 0 < rounds._again.remainingTime() <= 1_100, (
        "a pause that ran out amid a round was one all the same"
    )


@pytest.mark.parametrize(
    ("away", "by_stick", "says"),
    [
        (True, False, "Offline"),
        (True, True, "No stick"),
        (False, False, "Not synced"),
        (False, True, "Not synced"),
    ],
)
def test_the_bar_tells_a_source_that_nobody_reaches_from_one_that_answers(
    opened: Any, away: bool, by_stick: bool, says: str
) -> None:
    ledger = Ledger(1, 1, 0, 1, 0, NOW, "Hub says: Later.", by_stick=by_stick, away=away)
    opened.workbench.top.show_ledger(ledger, connected=True)
    assert opened.workbench.top.sync_state == says


def test_a_quiet_round_amid_another_is_not_made_up_for(opened: Any, amid_a_round: _Rounds) -> None:
    rounds = opened.workbench.syncing
    rounds.start_quietly()
    amid_a_round.going.set()
    opened.qtbot.waitUntil(lambda: not rounds.running)
    opened.settle()
    assert amid_a_round.with_bytes == [False]
    assert opened.session.notices.sentences == []


def test_the_light_says_that_files_wait_where_there_are_any(opened: Any) -> None:
    top = opened.workbench.top
    for left, says in ((3_000_000, "Files wait"), (0, "Sync")):
        top.show_ledger(
            Ledger(1, 2, left, left, 0, None, ""), connected=True, files_wait="Files wait: metered."
        )
        assert top.sync_state == says


def test_a_round_that_was_asked_for_goes_on_where_volume_costs(opened: Any) -> None:
    rounds = opened.workbench.syncing
    rounds._round = syncing._Round(True, threading.Event())
    rounds._on_metering_changed(True)
    assert not rounds._round.stop.is_set()
    rounds._round = None


def test_the_system_s_word_on_metering_is_heard(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Information(QObject):
        isMeteredChanged = Signal(bool)  # noqa: N815  # Qt's name
        reachabilityChanged = Signal(object)  # noqa: N815

        def isMetered(self) -> bool:
            return True

    information = Information()
    monkeypatch.setattr(syncing, "_network_information", lambda: information)
    rounds, begun = opened.workbench.syncing, list[bool]()
    rounds._start = lambda *, asked: begun.append(asked)
    rounds._watching = False
    rounds.start_quietly()
    opened.settle()
    assert syncing.can_tell_metered()
    assert "metered" in rounds.why_files_wait
    monkeypatch.setattr(syncing, "on_metered_connection", lambda: False)
    information.isMeteredChanged.emit(False)
    assert (begun, rounds.why_files_wait) == ([False, False], "")


def test_being_offline_is_said_calmly_with_its_reason_at_hand(opened: Any) -> None:
    top = opened.workbench.top
    top.show_ledger(Ledger(1, 1, 0, 1, 2, None, "The hub does not answer.", away=True), connected=True)
    assert top.sync_state == "Offline"
    assert "safe on this computer" in top._sync.toolTip()
    assert top._waiting.text() == "2 to send"
    top.show_ledger(Ledger(1, 1, 0, 1, 0), connected=False)
    assert top.sync_state == ""


def test_the_light_speaks_of_the_stick_where_there_is_no_network(opened: Any) -> None:
    top = opened.workbench.top
    away = "The stick is not here (/media/stick): 2 packets wait for it."
    top.show_ledger(Ledger(1, 1, 0, 1, 2, None, away, by_stick=True, away=True), connected=True)
    assert (top.sync_state, top._waiting.text()) == ("No stick", "2 to send")
    assert away in top._sync.toolTip()
    top.show_ledger(Ledger(1, 1, 0, 1, 2, by_stick=True), connected=True)
    assert (top.sync_state, top._waiting.text()) == ("Sync", "2 on the stick")
    assert "receipt" in top._waiting.toolTip()


def test_what_a_round_did_is_said_in_one_sentence() -> None:
    assert syncing.in_words(Done()) == "Synced: nothing new."
    assert (
        syncing.in_words(Done(1, 2, 3))
        == "Synced: 1 packet delivered, 2 changes taken in, 3 artifacts fetched."
    )


def test_the_save_state_says_the_agreed_words(opened: Any, own_id: str) -> None:
    opened.choose(own_id)
    opened.session.act(lambda desk: desk.record_completeness(own_id))
    assert opened.workbench.top.save_state == "Saving…"
    opened.settle()
    assert opened.workbench.top.save_state.startswith("Saved on this computer ")
