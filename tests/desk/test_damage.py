"""Whatever of a desk's folder is damaged: it opens with what was acknowledged, or says which thing and what is safe."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.desk.conftest import StandingClock
from tests.desk.kept import KeptDesk

from assessor_desk.desk import Desk
from assessor_desk.domain.errors import Damaged, Restorable, Unavailable
from assessor_desk.domain.review import TextField
from assessor_desk.store.snapshots import Why

WORDS = "Each pupil writes an answer before one is heard"
Spoil = Callable[[Path], None]


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


SPOIL = [flip, halve, empty, Path.unlink]


@pytest.fixture
def folder(desk: Desk, own_id: str) -> Path:
    """A desk in which something was written, closed."""
    desk.record_completeness(own_id)
    desk.write_text(own_id, TextField.OVERALL, WORDS)
    desk.draft_text(own_id, TextField.NOTES, "still typing")
    desk.settings.set("a_size", 3)
    desk.close()
    return desk.folder


def opened(folder: Path, filled_desk: KeptDesk, clock: StandingClock) -> Desk:
    return Desk.open_with_key(folder, filled_desk.data_key, clock)


def stands(desk: Desk) -> None:
    review = desk.case(desk.find("7F3A-00")).review
    assert (review.overall, review.notes) == (WORDS, "still typing")


@pytest.mark.parametrize("spoil", SPOIL)
def test_a_damaged_database_is_restored_with_every_word(
    folder: Path, filled_desk: KeptDesk, clock: StandingClock, spoil: Spoil
) -> None:
    spoil(folder / "desk.db")
    with contextlib.suppress(Restorable):  # or its damage is not in the way
        opened(folder, filled_desk, clock).close()
    with Desk.closed(folder, "demo", clock) as closed:
        closed.restore()
    with opened(folder, filled_desk, clock) as desk:
        stands(desk)


@pytest.mark.parametrize("spoil", [empty, Path.unlink])
def test_a_database_that_is_gone_is_named_with_what_helps(
    folder: Path, filled_desk: KeptDesk, clock: StandingClock, spoil: Spoil
) -> None:
    spoil(folder / "desk.db")
    with pytest.raises(Restorable, match=r"“desk\.db” is .*“Restore” puts it together again"):
        opened(folder, filled_desk, clock)


@pytest.mark.parametrize("spoil", SPOIL)
@pytest.mark.parametrize("name", ["keys.json", "keys-copy.json", "settings.json", "tries.json", "desk.lock"])
def test_a_damaged_small_file_keeps_nobody_out(
    folder: Path, clock: StandingClock, name: str, spoil: Spoil
) -> None:
    if not (folder / name).exists() or not (folder / name).stat().st_size:
        (folder / name).write_bytes(b"something else")
    spoil(folder / name)
    with Desk.open(folder, "demo", clock) as desk:
        stands(desk)
        desk.settings.set("a_size", 4)


@pytest.mark.parametrize("spoil", SPOIL)
def test_damaged_keys_of_evidence_come_again_with_the_next_round(
    folder: Path, filled_desk: KeptDesk, clock: StandingClock, spoil: Spoil
) -> None:
    spoil(folder / "artifact-keys.db")
    with opened(folder, filled_desk, clock) as desk:
        stands(desk)
        desk.tidy()
        own_id = desk.find("7F3A-00")
        assert not desk.case(own_id).artifact_states["plan"].here
        with pytest.raises(Unavailable, match="Sync to fetch it"):
            desk.evidence(own_id, "plan")
        with desk.store.reading() as view:
            assert view.lacks_keys(desk.case(own_id).submission.source)


@pytest.mark.parametrize("spoil", SPOIL)
def test_damaged_evidence_is_told_and_wanted_again(
    folder: Path, filled_desk: KeptDesk, clock: StandingClock, spoil: Spoil
) -> None:
    with opened(folder, filled_desk, clock) as desk:
        own_id = desk.find("7F3A-00")
        spoil(desk.evidence(own_id, "plan").path)
        with pytest.raises((Damaged, Unavailable), match=r"“plan\.md”.*[Ss]ync to fetch it again"):
            desk.evidence(own_id, "plan").open()
        state = desk.case(own_id).artifact_states["plan"]
        assert not state.here
        # A file that is gone was not damaged; one that is there and says something else was.
        assert state.damaged == ("damaged on this disk and is being fetched again" in state.trouble)
        assert state.damaged == (spoil is not Path.unlink)
        desk.tidy()
        wanted = {one.artifact_id for one in desk.store.artifacts_wanted(desk.case(own_id).submission.source)}
        assert "plan" in wanted


def test_evidence_that_nobody_opens_is_looked_over_too(
    folder: Path, filled_desk: KeptDesk, clock: StandingClock
) -> None:
    with opened(folder, filled_desk, clock) as desk:
        own_id = desk.find("7F3A-00")
        flip(desk.folder / "vault" / desk.store.artifact(own_id, "plan").blob_digest[:2] / desk.store.artifact(
            own_id, "plan").blob_digest)  # fmt: skip
        desk.tidy()
        plan = desk.case(own_id).artifact_states["plan"]
        assert not plan.here
        assert plan.damaged
        assert desk.case(own_id).artifact_states["captions"].here


def test_a_clock_set_back_a_year_hides_nothing(
    folder: Path, filled_desk: KeptDesk, clock: StandingClock
) -> None:
    clock.now -= timedelta(days=365)
    with opened(folder, filled_desk, clock) as desk:
        stands(desk)
        own_id = desk.find("7F3A-00")
        desk.write_text(own_id, TextField.OVERALL, "Later, by an earlier clock")
        desk.tidy()
        assert desk.case(own_id).review.overall == "Later, by an earlier clock"
    with opened(folder, filled_desk, clock) as desk:
        assert desk.case(own_id).review.overall == "Later, by an earlier clock"


@pytest.mark.parametrize("journal", ["whole", "gone"])
def test_what_is_typed_after_the_clock_was_set_back_is_there_after_a_restore_which_says_that_nothing_is_lost(
    desk: Desk, own_id: str, filled_desk: KeptDesk, clock: StandingClock, journal: str
) -> None:
    desk.record_completeness(own_id)
    desk.write_text(own_id, TextField.NOTES, "saved")
    clock.move(hours=-1)
    desk.draft_text(own_id, TextField.NOTES, "typed since")
    desk.store.take_snapshot(Why.HOURLY)
    desk.close()
    if journal == "gone":
        shutil.rmtree(desk.folder / "journal")
    with Desk.closed(desk.folder, "demo", clock) as closed:
        told = closed.restore().preview
    assert not any(one.lost for one in told.submissions)
    with opened(desk.folder, filled_desk, clock) as again:
        assert again.case(own_id).review.notes == "typed since"


def test_a_folder_copied_while_it_is_open_opens_beside_the_first_as_a_device_of_its_own(
    desk: Desk, own_id: str, filled_desk: KeptDesk, clock: StandingClock, tmp_path: Path
) -> None:
    desk.record_completeness(own_id)
    desk.draft_text(own_id, TextField.NOTES, "typed before the copy")
    shutil.copytree(desk.folder, tmp_path / "copy")
    desk.draft_text(own_id, TextField.NOTES, "typed after the copy")
    with opened(tmp_path / "copy", filled_desk, clock) as copy:
        (told,) = [one for one in copy.told_at_opening if "copy" in one]
        assert str(desk.folder) in told
        assert copy.store.device != desk.store.device
        assert copy.case(own_id).review.notes == "typed before the copy"
        copy.write_text(own_id, TextField.OVERALL, "In the copy")
        desk.write_text(own_id, TextField.OVERALL, "In the first")
        assert desk.case(own_id).review.notes == "typed after the copy"
        name = copy.store.device
    with opened(tmp_path / "copy", filled_desk, clock) as copy:
        assert (copy.told_at_opening, copy.store.device) == ((), name)
