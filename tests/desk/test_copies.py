"""A copy of an artifact leaves the desk on purpose, byte for byte, and the review says so."""

import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.desk.conftest import PLAN, StandingClock
from tests.packets.following import faults

from assessor_desk.artifacts.vault import Vault
from assessor_desk.cli.command_line import run_command
from assessor_desk.desk import Desk, copying
from assessor_desk.domain.changes import Blob, SourceChanges
from assessor_desk.domain.errors import Damaged, DeskError, Refused, Unavailable
from assessor_desk.domain.renditions import Shown, rendition_id

Finish = Callable[[Desk, str], tuple[str, ...]]


def test_a_copy_has_the_very_bytes_is_the_owners_alone_and_is_recorded(
    desk: Desk, own_id: str, tmp_path: Path, clock: StandingClock
) -> None:
    _, path = desk.export_copy(own_id, "plan", tmp_path / "out")
    assert (path.name, path.read_bytes()) == ("plan.md", PLAN)
    if os.name == "posix":
        assert path.stat().st_mode & 0o077 == 0
    (made,) = desk.case(own_id).review.copies
    assert (made.artifact_id, made.at) == ("plan", clock.now)
    with desk.store.reading() as view:
        assert [(kind, where) for _, kind, where in view.exports(own_id)] == [("copy", str(path))]


def test_a_second_copy_replaces_nothing_and_no_undo_takes_the_record_back(
    desk: Desk, own_id: str, tmp_path: Path
) -> None:
    for name in ("plan.md", "plan 2.md"):
        assert desk.export_copy(own_id, "plan", tmp_path)[1] == tmp_path / name
    with pytest.raises(Refused, match="nothing to undo"):
        desk.undo(own_id)
    assert len(desk.case(own_id).review.copies) == 2


def test_bytes_that_are_not_the_artifacts_are_not_handed_out(desk: Desk, own_id: str, tmp_path: Path) -> None:
    with pytest.raises(Damaged, match="not what the source captured"):
        desk.export_copy(own_id, "captions", tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
    assert desk.case(own_id).review.copies == ()


def test_a_copy_that_cannot_be_recorded_is_not_there(
    desk: Desk, own_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise Unavailable("The disk is full")

    monkeypatch.setattr(copying.acts, "copy_exported", fail)
    with pytest.raises(DeskError, match="disk is full"):
        desk.export_copy(own_id, "plan", tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("con.txt", "_con.txt"),
        ("a<b>:c?.exe ", "a_b__c_.exe"),
        ("...", "artifact"),
        ("طلاب.pdf", "طلاب.pdf"),
    ],
)
def test_a_name_that_would_lead_elsewhere_is_made_harmless(name: str, written: str) -> None:
    assert copying._file_name(name) == written


def test_the_record_and_the_packet_say_that_a_copy_left(
    enrolled: Desk, own_id: str, finish: Finish, tmp_path: Path
) -> None:
    attestations = finish(enrolled, own_id)
    enrolled.export_copy(own_id, "plan", tmp_path)
    enrolled.seal_packet(own_id, "demo", attestations)
    (packet,) = enrolled.export(own_id, tmp_path / "out")
    with zipfile.ZipFile(packet) as bag:
        (name,) = [one for one in bag.namelist() if one.endswith("data/review.json")]
        review = json.loads(bag.read(name))
    assert review["copies"] == [{"artifact": "plan", "at": "2026-11-20T09:00:00Z"}]
    assert faults(review, "review") == []
    with pytest.raises(Refused, match="sealed"):
        enrolled.export_copy(own_id, "plan", tmp_path)
    enrolled.begin_correction(own_id)
    assert [one.artifact_id for one in enrolled.case(own_id).review.copies] == ["plan"]


def test_the_command_says_the_warning_first_and_copies_only_when_it_was_understood(
    desk: Desk,
    own_id: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = desk.folder
    desk.close()
    monkeypatch.setenv("ASSESSOR_DESK_PASSPHRASE", "demo")
    start = ["--desk", str(folder), "copy", "7F3A-00", "plan.md", "--out", str(tmp_path / "out")]
    assert run_command(start) == 1
    assert "is not protected any more" in capsys.readouterr().err
    assert run_command([*start, "--understood"]) == 0
    assert Path(capsys.readouterr().out.strip()).read_bytes() == PLAN


def test_of_a_recording_of_which_only_a_rendition_is_here_no_copy_is_made(
    desk: Desk, own_id: str, tmp_path: Path
) -> None:
    with pytest.raises(Unavailable, match="not on this computer yet"):
        desk.export_copy(own_id, "video", tmp_path / "out")
    sealed = Vault(desk.folder / "vault").write(io.BytesIO(PLAN), len(PLAN))
    rendition = Blob(own_id, rendition_id("video", Shown.SMALL), sealed.digest, sealed.length, sealed.key)
    desk.store.accept(SourceChanges("c8", blobs=(rendition,)))
    desk.store.artifact_arrived(own_id, rendition.artifact_id)
    with pytest.raises(Unavailable, match=r"Only a small copy of “lesson\.mp4” is here"):
        desk.export_copy(own_id, "video", tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
