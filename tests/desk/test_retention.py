"""What may not stay for ever goes in its time, nothing else does, and an interruption in between is made good."""

import contextlib
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from tests.desk.conftest import SOURCE, StandingClock

from assessor_desk.artifacts.vault import Vault
from assessor_desk.desk import Desk, retention
from assessor_desk.desk.contact import note_contact
from assessor_desk.domain.changes import SourceChanges, WithdrawalReason
from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.domain.review import EntryKind, TextField
from assessor_desk.store.connection import connect
from assessor_desk.store.journal import Journal
from assessor_desk.store.snapshots import Why
from assessor_desk.store.writing import Writing

Finish = Callable[[Desk, str], tuple[str, ...]]
OVERALL = TextField.OVERALL


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@contextlib.contextmanager
def reopened(desk: Desk, clock: StandingClock, new_desk: tuple[Path, bytes]) -> Iterator[Desk]:
    """The desk as the next process finds it."""
    desk.close()
    with Desk.open_with_key(desk.folder, new_desk[1], clock) as again:
        yield again


@pytest.fixture
def delivered(enrolled: Desk, own_id: str, finish: Finish, clock: StandingClock) -> Desk:
    """The first submission assessed, with second thoughts, sealed and delivered."""
    enrolled.write_text(own_id, OVERALL, "My first thought, which nobody is to read")
    attestations = finish(enrolled, own_id)
    enrolled.seal_packet(own_id, "demo", attestations)
    (line,) = enrolled.store.outbox_waiting()
    enrolled.store.outbox_delivered(line.id, b"", clock())
    return enrolled


# -- evidence ------------------------------------------------------------------------------------------------


def test_evidence_goes_so_many_days_after_delivery_as_the_policy_says(
    delivered: Desk, own_id: str, clock: StandingClock, tmp_path: Path
) -> None:
    here = files_in(delivered.vault.folder)
    clock.move(days=13.9)
    assert not delivered.tidy()
    assert files_in(delivered.vault.folder) == here
    clock.move(days=0.2)
    assert delivered.tidy()
    assert files_in(delivered.vault.folder) == set()
    assert own_id not in {held for held, _, _ in delivered.store.keys.held()}
    case = delivered.case(own_id)
    assert case.evidence_removed == "it was kept for as long as the policy says"
    with pytest.raises(Refused, match=r"“plan\.md” was removed from this computer"):
        delivered.evidence(own_id, "plan")
    assert case.review.overall
    assert delivered.export(own_id, tmp_path / "out")[0].is_file()
    assert not delivered.tidy(), "once is enough"


def test_evidence_of_work_in_hand_stays_however_long_it_takes(
    desk: Desk, own_id: str, clock: StandingClock
) -> None:
    desk.record_completeness(own_id)
    here = files_in(desk.vault.folder)
    clock.move(days=400)
    assert not desk.tidy()
    assert files_in(desk.vault.folder) == here


def test_evidence_of_what_is_merely_unassigned_goes_in_the_same_time(
    desk: Desk, own_id: str, clock: StandingClock
) -> None:
    desk.store.set_aside(["assignment-7F3A-00"])
    clock.move(days=13)
    assert not desk.tidy()
    assert desk.evidence(own_id, "plan").path.is_file()


def test_evidence_opened_since_the_desk_was_is_left_until_the_next_time(
    delivered: Desk, own_id: str, clock: StandingClock, new_desk: tuple[Path, bytes]
) -> None:
    path = delivered.evidence(own_id, "plan").path
    clock.move(days=15)
    assert not delivered.tidy()
    assert path.is_file()
    with reopened(delivered, clock, new_desk) as again:
        assert again.tidy()
        assert not path.is_file()


def test_a_correction_wants_the_evidence_again(delivered: Desk, own_id: str, clock: StandingClock) -> None:
    source = delivered.case(own_id).submission.source
    clock.move(days=15)
    delivered.tidy()
    assert own_id not in {one.submission_id for one in delivered.store.artifacts_wanted(source)}
    delivered.begin_correction(own_id)
    assert own_id in {one.submission_id for one in delivered.store.artifacts_wanted(source)}
    assert delivered.case(own_id).evidence_removed == ""


_KILLED_BETWEEN = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from assessor_desk.desk import Desk, retention
retention._sweep_evidence = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
desk = Desk.open_with_key(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]), lambda: datetime.fromisoformat(sys.argv[3]))
desk.tidy()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows kills otherwise")
def test_killed_between_row_and_file_the_next_opening_removes_the_file(
    delivered: Desk, own_id: str, clock: StandingClock, new_desk: tuple[Path, bytes]
) -> None:
    clock.move(days=15)
    delivered.close()
    words = [str(delivered.folder), new_desk[1].hex(), clock().isoformat()]
    killed = subprocess.run([sys.executable, "-c", _KILLED_BETWEEN, *words], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert files_in(delivered.folder / "vault"), "the files are still there"
    with Desk.open_with_key(delivered.folder, new_desk[1], clock) as again:
        assert own_id not in {held for held, _, _ in again.store.keys.held()}, "and cannot be opened"
        again.tidy()
        assert files_in(again.vault.folder) == set()


def test_interrupted_before_the_row_the_evidence_is_missing_and_goes_the_next_time(
    delivered: Desk,
    own_id: str,
    clock: StandingClock,
    new_desk: tuple[Path, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock.move(days=15)

    def killed(self: Writing) -> None:
        for gone in self._recalled:
            self._keys.destroy(gone)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Writing, "commit", killed)
        delivered.tidy()
    assert delivered.case(own_id).evidence_removed == ""
    with reopened(delivered, clock, new_desk) as again:
        again.tidy()
        assert again.case(own_id).evidence_removed
        assert files_in(again.vault.folder) == set()


def test_files_of_what_was_replaced_are_swept_and_downloads_that_go_on_are_not(
    desk: Desk, own_id: str
) -> None:
    vault = desk.vault
    orphan = vault.write(BytesIO(b"of an artifact that was replaced"), 32)
    vault.partial("e" * 64).write_bytes(b"half of the video")
    vault.partial("d" * 64).write_bytes(b"half of what nobody wants any more")
    desk.tidy()
    assert not vault.holds(orphan.digest)
    assert (vault.partial_length("e" * 64), vault.partial_length("d" * 64)) == (17, 0)
    assert desk.evidence(own_id, "plan").path.is_file()


def test_a_file_that_vanished_is_told_by_the_ledger_once_it_is_looked_for(desk: Desk, own_id: str) -> None:
    before = desk.ledger().ready
    desk.evidence(own_id, "plan").path.unlink()
    with pytest.raises(
        Unavailable, match=r"“plan\.md” is not on this computer any more\. Sync to fetch it again"
    ):
        desk.evidence(own_id, "plan")
    assert desk.ledger().ready == before - 1
    shutil.rmtree(desk.vault.folder)
    assert desk.tidy()
    assert desk.ledger().ready == 0
    assert not desk.case(own_id).artifact_states["plan"].here


# -- recalled --------------------------------------------------------------------------------------------------


def test_what_was_recalled_can_be_read_and_exported_and_says_why_its_evidence_is_gone(
    desk: Desk, own_id: str, tmp_path: Path
) -> None:
    desk.record_completeness(own_id)
    desk.write_text(own_id, OVERALL, "Mine to keep")
    told = {"assignment-7F3A-00": WithdrawalReason.CONSENT_WITHDRAWN}
    desk.store.accept(SourceChanges("c9", withdrawn=tuple(told), withdrawn_for=told))
    desk.tidy()
    case = desk.case(own_id)
    assert (case.aside_for, case.review.overall) == (WithdrawalReason.CONSENT_WITHDRAWN, "Mine to keep")
    assert case.evidence_removed == "the educator has withdrawn their consent"
    with pytest.raises(Refused, match="removed from this computer: the educator has withdrawn their consent"):
        desk.evidence(own_id, "plan")
    assert "Mine to keep" in desk.export(own_id, tmp_path / "out", "csv")[0].read_text("utf-8")
    assert files_in(desk.vault.folder) == set()


# -- earlier wordings ------------------------------------------------------------------------------------------


def _words(desk: Desk, own_id: str) -> str:
    with desk.store.reading() as view:
        return " ".join(
            str(entry.data)
            for line in view.reviews(own_id)
            for entry in view.entries(line.id)
            if entry.kind is EntryKind.TEXT_WRITTEN
        )


def test_earlier_wordings_go_in_their_time_and_the_review_and_its_packet_stay_the_same(
    delivered: Desk, own_id: str, clock: StandingClock, tmp_path: Path
) -> None:
    before = delivered.case(own_id).review
    (packet,) = delivered.export(own_id, tmp_path / "before")
    clock.move(days=29.9)
    delivered.tidy()
    assert "My first thought" in _words(delivered, own_id)
    clock.move(days=0.2)
    assert delivered.tidy()
    assert "My first thought" not in _words(delivered, own_id)
    assert delivered.case(own_id).review == before
    with delivered.store.reading() as view:
        entries = view.entries(before.id)
    assert before.seal is not None
    assert {entry.id for entry in entries} >= set(before.seal.covers), "what the seal covers is all there"
    (again,) = delivered.export(own_id, tmp_path / "after")
    assert again.read_bytes() == packet.read_bytes()
    delivered.begin_correction(own_id)
    assert delivered.case(own_id).review.overall == before.overall


def test_wordings_of_a_review_that_is_not_delivered_stay(
    enrolled: Desk, own_id: str, finish: Finish, clock: StandingClock
) -> None:
    enrolled.write_text(own_id, OVERALL, "My first thought")
    enrolled.seal_packet(own_id, "demo", finish(enrolled, own_id))
    clock.move(days=300)
    enrolled.tidy()
    assert "My first thought" in _words(enrolled, own_id)


# -- a clock that is wrong -------------------------------------------------------------------------------------

YEAR = 365


def in_contact(desk: Desk, at: datetime) -> None:
    """The source answers, and tells the time."""
    note_contact(desk.store, SOURCE, at, told=True)


def evidence_here(desk: Desk) -> set[str]:
    return {held for held, _, _ in desk.store.keys.held()}


def test_what_was_delivered_while_the_clock_was_behind_stays_once_it_is_right(
    enrolled: Desk, own_id: str, finish: Finish, clock: StandingClock
) -> None:
    desk, right = enrolled, clock.now
    in_contact(desk, right)
    desk.write_text(own_id, OVERALL, "My first thought")
    desk.seal_packet(own_id, "demo", finish(desk, own_id))
    before = evidence_here(desk)
    clock.move(days=-YEAR)
    desk.tidy()
    (line,) = desk.store.outbox_waiting()
    desk.store.outbox_delivered(line.id, b"", clock())
    clock.now = right
    for _ in range(2):
        desk.tidy()
        in_contact(desk, clock())
    assert "My first thought" in _words(desk, own_id)
    assert evidence_here(desk) == before
    clock.move(days=14.1)
    in_contact(desk, clock())
    desk.tidy()
    assert not evidence_here(desk), "the days have passed by the source's own time"


@pytest.mark.parametrize("told", [True, False])
def test_what_was_withdrawn_while_the_clock_was_behind_stays_once_it_is_right(
    desk: Desk, own_id: str, clock: StandingClock, told: bool
) -> None:
    right = clock.now
    in_contact(desk, right)
    clock.move(days=-YEAR)
    told_at = right if told else None
    desk.store.accept(SourceChanges("c9", withdrawn=("assignment-7F3A-00",), told_at=told_at), SOURCE)
    clock.now = right
    desk.tidy()
    assert own_id in evidence_here(desk)
    with desk.store.reading() as view:
        assert [one.since for one in view.evidence_kept()] == [right]


def test_a_clock_that_is_ahead_for_one_opening_destroys_nothing(
    delivered: Desk, own_id: str, clock: StandingClock, new_desk: tuple[Path, bytes]
) -> None:
    in_contact(delivered, clock())
    kept = delivered.snapshots().restore().kept
    clock.move(days=YEAR)
    with reopened(delivered, clock, new_desk) as again:
        assert not again.tidy()
        assert not again.tidy()
        clock.move(days=-YEAR)
        assert not again.tidy()
        assert "My first thought" in _words(again, own_id)
        assert own_id in evidence_here(again)
        assert kept.is_dir()


def test_a_clock_that_stays_behind_keeps_nothing_longer_where_the_source_tells_the_time(
    delivered: Desk, own_id: str, clock: StandingClock
) -> None:
    right = clock()
    in_contact(delivered, right)
    clock.move(days=-60)
    in_contact(delivered, right + timedelta(days=13))
    assert not delivered.tidy()
    in_contact(delivered, right + timedelta(days=14))
    assert delivered.tidy()
    assert own_id not in evidence_here(delivered)


def test_without_contact_the_days_are_counted_one_at_a_time(
    delivered: Desk, own_id: str, clock: StandingClock
) -> None:
    in_contact(delivered, clock())
    for _ in range(13):
        clock.move(days=1)
        assert not delivered.tidy()
    clock.move(days=1)
    assert delivered.tidy()
    assert own_id not in evidence_here(delivered)


def test_by_stick_a_new_bundle_counts_what_passed_since_the_one_before(
    delivered: Desk, own_id: str, clock: StandingClock
) -> None:
    note_contact(delivered.store, SOURCE, clock(), told=False)
    clock.move(days=15)
    assert not delivered.tidy()
    note_contact(delivered.store, SOURCE, clock(), told=False)
    assert delivered.tidy()
    assert own_id not in evidence_here(delivered)


# -- outbox and snapshots --------------------------------------------------------------------------------------


def test_a_packet_whose_seal_was_never_recorded_is_swept_and_others_are_not(delivered: Desk) -> None:
    outbox = delivered.folder / "outbox"
    named = files_in(outbox)
    Vault(outbox).write(BytesIO(b"a packet"), 8)
    (outbox / "partial" / "0f.incoming").write_bytes(b"half a packet")
    delivered.tidy()
    assert files_in(outbox) == named
    assert named


def test_a_seal_and_the_sweep_wait_for_each_other(
    enrolled: Desk, own_id: str, finish: Finish, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a packet could be swept between the moment it is written and the one its line is."""
    attestations = finish(enrolled, own_id)
    held: list[bool] = []

    def swept(*_: object) -> None:
        held.append(enrolled._upkeep.seals.locked())

    monkeypatch.setattr(retention, "_sweep_outbox", swept)
    monkeypatch.setattr("assessor_desk.desk.sealing._record_seal", swept)
    enrolled.seal_packet(own_id, "demo", attestations)
    enrolled.tidy()
    assert held == [True, True]


def test_nothing_is_tidied_while_a_round_is_under_way(delivered: Desk, clock: StandingClock) -> None:
    clock.move(days=60)
    with delivered._upkeep.rounds:
        assert not delivered.tidy()
    assert delivered.tidy()


def dropped_in(desk: Desk, path: Path) -> int:
    """How many entries of a file have lost their words."""
    with closing(connect(path, desk.store.restoring.key)) as file:
        return int(file.execute("SELECT count(*) FROM entries WHERE data ->> '$.dropped'").fetchone()[0])


def told_in_the_journal(desk: Desk) -> bool:
    """Whether the journal still has a wording."""
    records = Journal(desk.folder / "journal", desk.store._journal_key).records()
    return any("My first thought" in str(record.changes) for record in records)


def test_snapshots_let_go_of_what_the_desk_let_go_of(delivered: Desk, clock: StandingClock) -> None:
    before = delivered.store.take_snapshot(Why.HOURLY)
    assert before is not None
    assert dropped_in(delivered, before.path) == 0
    clock.move(days=60)
    delivered.tidy()
    assert before.path.exists()
    assert dropped_in(delivered, before.path) == dropped_in(delivered, delivered.folder / "desk.db") > 0


def test_the_journal_lets_go_of_what_the_desk_let_go_of(delivered: Desk, clock: StandingClock) -> None:
    delivered.tidy()
    assert told_in_the_journal(delivered)
    clock.move(days=60)
    delivered.tidy()
    assert not told_in_the_journal(delivered)


@pytest.fixture
def in_view(delivered: Desk, own_id: str, clock: StandingClock) -> Desk:
    """What is in a viewer stays, so that no receipt of destruction has the journal dropped. Its wordings are over."""
    delivered.evidence(own_id, "plan")
    clock.move(days=60)
    return delivered


def test_the_first_tidying_of_a_process_drops_the_journal_too(in_view: Desk) -> None:
    """From the command line every process is a first one."""
    assert told_in_the_journal(in_view)
    assert in_view.tidy()
    assert not told_in_the_journal(in_view)
    number = in_view.store._witness.number
    in_view._upkeep.let_go = None
    in_view.tidy()
    assert in_view.store._witness.number == number, "once is enough"


@pytest.mark.parametrize(
    "ended", ["before scrubbing", "before the journal goes", "before that is written down"]
)
def test_words_leave_the_journal_where_the_program_ended_in_between(
    in_view: Desk,
    own_id: str,
    clock: StandingClock,
    new_desk: tuple[Path, bytes],
    monkeypatch: pytest.MonkeyPatch,
    ended: str,
) -> None:
    class Ended(BaseException):
        pass

    def end(*_: object) -> None:
        raise Ended

    where = {
        "before scrubbing": "assessor_desk.store.scrubbing.scrub",
        "before the journal goes": "assessor_desk.store.journal.Journal.drop_before",
        "before that is written down": "assessor_desk.store.store.Store.set_fact",
    }
    with monkeypatch.context() as patch:
        patch.setattr(where[ended], end)
        with pytest.raises(Ended):
            in_view.tidy()
    with reopened(in_view, clock, new_desk) as again:
        again.evidence(own_id, "plan")
        again.tidy()
        assert not told_in_the_journal(again)


def test_a_snapshot_that_cannot_be_read_goes(desk: Desk) -> None:
    folder = desk.folder / "snapshots"
    folder.mkdir(exist_ok=True)
    for name in ("desk-0001-20261119T080000000000.db", "mine.txt", "odd-99999999T999999999999.db"):
        (folder / name).write_bytes(b"x")
    desk.tidy()
    assert files_in(folder) == {"mine.txt", "odd-99999999T999999999999.db"}


def test_a_database_kept_from_before_a_restore_goes_after_two_weeks(desk: Desk, clock: StandingClock) -> None:
    kept = desk.snapshots().restore().kept
    desk.tidy()
    clock.move(days=13)
    desk.tidy()
    assert kept.is_dir()
    clock.move(days=1)
    desk.tidy()
    assert not kept.exists()


@pytest.mark.parametrize("wrong", [-YEAR, YEAR], ids=["behind", "ahead"])
@pytest.mark.parametrize("contact", [True, False])
def test_a_database_set_aside_while_the_clock_was_wrong_has_its_two_weeks_once_it_is_right(
    desk: Desk, clock: StandingClock, wrong: int, contact: bool
) -> None:
    def look() -> None:
        if contact:
            in_contact(desk, clock())
        desk.tidy()

    right = clock()
    look()
    clock.move(days=wrong)
    kept = desk.snapshots().restore().kept
    desk.tidy()
    clock.now = right
    for day in range(1, 15):
        look()
        clock.now = right + timedelta(days=day)
        # Who was never in contact has this clock alone (docs/decisions/0290).
        assert kept.is_dir() or (wrong < 0 and not contact)
    clock.move(days=1)  # the one that a clock that is ahead may have counted
    look()
    assert not kept.exists()


def test_of_two_databases_set_aside_each_has_its_own_two_weeks(desk: Desk, clock: StandingClock) -> None:
    first = desk.snapshots().restore().kept
    desk.tidy()
    clock.move(days=10)
    second = desk.snapshots().restore().kept
    desk.tidy()
    clock.move(days=5)
    desk.tidy()
    assert (first.exists(), second.exists()) == (False, True)
    clock.move(days=10)
    desk.tidy()
    assert not second.exists()
