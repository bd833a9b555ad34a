"""`demo --unattended DIR`: the whole job, and what it leaves in DIR."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Say, say  # noqa: F401 - a fixture

from assessor_desk.desk import Desk, InboxState

WORDS = [
    "mini whiteboards",
    "Everyone commits before",
    "Thank you for the plan",
    "Hồng Nhung",
    "Achterberg",
    "lesson-video",
    "blind spot: you say",
]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder after the job, run as a person runs it."""
    folder = tmp_path_factory.mktemp("unattended") / "demo"
    ended = subprocess.run(
        [sys.executable, "-m", "assessor_desk", "demo", "--unattended", str(folder), "--json"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=110,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert [each["submission"] for each in json.loads(ended.stdout)] == ["7F3A-21", "91BB-02", "A93F-30"]
    return folder


def test_two_are_assessed_one_of_them_not_yet_and_one_is_incomplete(done: Path) -> None:
    summary = json.loads((done / "summary.json").read_text(encoding="utf-8"))
    outcomes = {each["submission"]: each["recommendation"] for each in summary["reviews"]}
    assert outcomes == {"7F3A-21": "earned", "91BB-02": "not_yet", "A93F-30": "incomplete"}
    for each in summary["reviews"]:
        for name in (each["packet"], *each["records"]):
            assert (done / name).stat().st_size > 1000


def test_the_reviews_are_decided_and_their_reports_released(done: Path) -> None:
    summary = json.loads((done / "summary.json").read_text(encoding="utf-8"))
    outcomes = {each["submission"]: each["outcome"] for each in summary["decisions"]}
    assert outcomes == {"7F3A-21": "earned", "91BB-02": "not_yet", "A93F-30": "incomplete"}
    for each in summary["decisions"]:
        assert len(each["reports"]) == 3
        for name in (each["decision"], *each["reports"]):
            assert (done / name).stat().st_size > 1000


def test_the_draft_is_coached_and_its_notes_are_files(done: Path) -> None:
    summary = json.loads((done / "summary.json").read_text(encoding="utf-8"))
    suffixes = {Path(name).suffix for name in summary["notes"]}
    assert {".pdf", ".docx", ".html", ".json", ".jsonld"} <= suffixes
    assert any("with notes" in name for name in summary["notes"])
    assert all((done / name).stat().st_size > 300 for name in summary["notes"])


def test_the_folder_holds_what_the_contract_says(done: Path) -> None:
    assert sorted(path.name for path in done.iterdir()) == [
        "badges", "cases", "decisions", "desks", "hub", "notes", "packets", "records", "reports", "summary.json",
        "trust.pem", "trust.pem.p7s",
    ]  # fmt: skip
    assert sorted(path.name for path in (done / "desks").iterdir()) == ["assessor", "coach", "reviewer"]
    assert len(list((done / "packets").glob("*.zip"))) == 3
    assert len(list((done / "decisions").glob("*.zip"))) == 3
    assert [path.name[:12] for path in (done / "cases").iterdir()] == ["7F3A-21-case"]
    assert sorted(path.name for path in (done / "badges").glob("7F3A-21.*")) == [
        "7F3A-21.json", "7F3A-21.png", "7F3A-21.svg",
    ]  # fmt: skip
    assert len(list((done / "reports").glob("*-feedback.*"))) == 9
    assert len(list((done / "reports").glob("cohort*"))) == 5
    assert (done / "reports" / "mail-merge.csv").is_file()


def test_every_packet_verifies_with_the_trust_list_and_all_that_can_be_required(done: Path, say: Say) -> None:  # noqa: F811
    packets = sorted((done / "packets").glob("*.zip"))
    ended = say(
        "verify", *packets, "--trust", done / "trust.pem", "--require", "revocation,time,record,assignment"
    )
    assert (ended.code, ended.err) == (0, "")
    badges = sorted((done / "badges").glob("7F3A-21.*"))
    assert say("verify", *badges, "--trust", done / "trust.pem", "--require", "revocation").code == 0
    decisions = sorted((done / "decisions").glob("*.zip"))
    ended = say("verify", *decisions, "--trust", done / "trust.pem", "--require", "time,assignment")
    assert (ended.code, ended.err) == (0, "")
    assert say("verify", *packets).code == 4


def test_the_desk_opens_with_its_passphrase_and_everything_is_on_the_hub(done: Path) -> None:
    for role, state in (("coach", InboxState.DELIVERED), ("reviewer", InboxState.RELEASED)):
        with Desk.open(done / "desks" / role, "demo") as desk:
            assert {row.state for row in desk.inbox()} == {state}
            assert desk.ledger().waiting_to_send == 0
    with Desk.open(done / "desks" / "assessor", "demo") as desk:
        assert {row.state for row in desk.inbox()} == {InboxState.DELIVERED}
        assert desk.ledger().waiting_to_send == 0
        delivery = desk.case(desk.find("7F3A-21")).delivery
        assert delivery is not None
        assert delivery.receipted


def test_no_word_typed_and_no_name_is_in_any_file_of_desk_or_hub(done: Path) -> None:
    files = [path for folder in ("desks", "hub") for path in (done / folder).rglob("*") if path.is_file()]
    assert len(files) > 50
    for path in files:
        content = path.read_bytes()
        assert [word for word in WORDS if word.encode() in content] == [], path


def test_no_bytes_of_an_artifact_are_in_any_file_of_desk_or_hub(done: Path, root: Path) -> None:
    pieces = []
    for path in (root / "resources" / "demo" / "files").rglob("*"):
        if path.is_file() and path.stat().st_size > 600:
            content = path.read_bytes()
            middle = len(content) // 2
            pieces += [content[middle : middle + 64], content[-64:]]
    assert len(pieces) > 40
    for folder in ("desks", "hub"):
        for path in (done / folder).rglob("*"):
            content = path.read_bytes() if path.is_file() else b""
            assert not any(piece in content for piece in pieces), path


def test_a_folder_in_use_is_refused_and_left_alone(done: Path, say: Say) -> None:  # noqa: F811
    before = sorted(path.name for path in done.iterdir())
    ended = say("demo", "--unattended", done)
    assert ended.code == 1
    assert "is not empty" in ended.err
    assert sorted(path.name for path in done.iterdir()) == before
