"""The assessor's commands: what they print, their exit codes, and that a refusal changes nothing."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assessor_desk.cli.command_line import run_command
from assessor_desk.desk import Desk

Say = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def say(enrolled: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """`say("inbox")`: exit code, the JSON document printed, and what was said on stderr."""
    enrolled.close()
    words = tmp_path / "passphrase"
    words.write_text("demo\n", encoding="utf-8")

    def run(*arguments: str, passphrase: Path = words) -> tuple[int, Any, str]:
        common = ["--desk", str(enrolled.folder), "--passphrase-file", str(passphrase), "--json"]
        code = run_command([*arguments, *common])
        out, err = capsys.readouterr()
        return code, json.loads(out), err

    return run


def test_the_inbox_is_listed(say: Say) -> None:
    code, told, err = say("inbox")
    assert (code, err) == (0, "")
    assert [(row["key"], row["state"], row["criteria"]) for row in told["submissions"]] == [
        ("7F3A-00", "new", 5),
        ("7F3A-01", "new", 5),
    ]


def test_a_submission_is_scored_from_end_to_end(say: Say, tmp_path: Path) -> None:
    _, shown, _ = say("show", "7F3A-00")
    assert say("completeness", "7F3A-00")[0] == 0
    rationale = tmp_path / "rationale.txt"
    rationale.write_text(
        "Each pupil writes an answer before one is heard, and the groups follow from it.", "utf-8"
    )
    for number, criterion in enumerate(shown["review"]["criteria"], start=1):
        scored = say(
            "score", "7F3A-00", str(number), criterion["levels"][-1], "--rationale", f"@{rationale}",
            "--anchor", "plan.md@quote=exit tickets", "--anchor", "lesson.mp4@whole",
        )  # fmt: skip
        assert scored[0] == 0
    assert (
        say("feedback", "7F3A-00", "1", "--strength", "Nobody hides.", "--extension", "Try it in reading.")[0]
        == 0
    )
    overall = (
        "Your pupils know that their answers change the lesson, and each of them answers every time. " * 3
    )
    _, checked, _ = say("feedback", "7F3A-00", "--text", overall)
    assert checked["ready_to_seal"], checked["findings"]
    attested = [word for one in checked["attestations"] for word in ("--attest", one["id"])]
    code, sealed, _ = say("seal", "7F3A-00", *attested)
    assert (code, sealed["state"]) == (0, "sealed_waiting")
    code, exported, _ = say("export", "7F3A-00", "--out", str(tmp_path / "out"))
    assert code == 0
    (packet,) = exported["files"]
    _, after, _ = say("show", "7F3A-00")
    assert after["review"]["sealed"] == sealed["packet"]
    first = after["review"]["criteria"][0]
    assert first["anchors"] == ["plan@quote=exit tickets", "video@whole"]
    assert run_command(["verify", packet]) == 4, "without a trust list the chain is not checked"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "7F3A-09"), "no submission “7F3A-09”"),
        (("score", "7F3A-00", "1", "excellent"), "no level “excellent”"),
        (("score", "7F3A-00", "charm", "met"), "no criterion “charm”"),
        (("score", "7F3A-00", "1", "{level}", "--anchor", "plan.md"), "no anchor"),
        (("score", "7F3A-00", "1", "{level}", "--anchor", "diary.pdf@whole"), "no artifact “diary.pdf”"),
        (("score", "7F3A-00", "1", "{level}", "--rationale", "@nowhere.txt"), "nowhere.txt"),
        (("completeness", "7F3A-00", "--incomplete", "ugly"), "no reason code"),
        (("feedback", "7F3A-00", "--text", "o" * 100_001), "100,000 characters at most"),
        (("feedback", "7F3A-00"), "Say what to write"),
        (("feedback", "7F3A-00", "--strength", "words"), "which criterion"),
        (("feedback", "7F3A-00", "1", "--text", "words"), "whole review"),
        (("seal", "7F3A-00"), "completeness check"),
        (("seal", "7F3A-00", "--keep", "F10"), "gives no reason"),
        (("seal", "7F3A-00", "--keep", "F99=because"), "finds nothing"),
        (("sync",), "not connected"),
        (("connect", "https://hub.example.org"), "enrolment code"),
        (("connect", "ftp://hub.example.org", "CODE"), "not the address"),
        (("export", "7F3A-00", "--out", "out"), "not sealed yet"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_exit_code_1(
    say: Say, arguments: tuple[str, ...], said: str
) -> None:
    _, before, _ = say("show", "7F3A-00")
    level = before["review"]["criteria"][0]["levels"][0]
    code, _, err = say(*(word.replace("{level}", level) for word in arguments))
    assert code == 1
    assert said in err
    assert err.count("\n") == 1
    assert say("show", "7F3A-00")[1] == before


def test_a_moment_in_a_recording_that_is_not_here_yet_cannot_be_cited(say: Say) -> None:
    _, before, _ = say("show", "7F3A-00")
    level = before["review"]["criteria"][0]["levels"][0]
    code, _, err = say("score", "7F3A-00", "1", level, "--anchor", "lesson.mp4@t=12.5,31")
    assert code == 3
    assert err == "“lesson.mp4” is not on this computer yet. Sync to fetch it.\n"
    assert say("show", "7F3A-00")[1] == before


def test_the_record_is_exported_as_html(say: Say, tmp_path: Path) -> None:
    say("completeness", "7F3A-00", "--incomplete", "missing_part")
    code, exported, _ = say("export", "7F3A-00", "--format", "html", "--out", str(tmp_path / "out"))
    assert (code, [Path(one).name for one in exported["files"]]) == (0, ["record-7F3A-00-not-sealed.html"])


def test_a_wrong_passphrase_a_missing_desk_and_a_second_window_are_refused(
    say: Say, tmp_path: Path, enrolled: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("wrong", encoding="utf-8")
    code, _, err = say("inbox", passphrase=wrong)
    assert (code, "passphrase is not right" in err) == (1, True)
    assert run_command(["inbox", "--desk", str(tmp_path / "none")]) == 1
    assert "no desk" in capsys.readouterr().err
    with Desk.open(enrolled.folder, "demo"):
        code, _, err = say("inbox")
    assert (code, "another window" in err) == (1, True)


def test_for_a_person_the_same_is_said_in_lines(
    say: Say, enrolled: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ["--desk", str(enrolled.folder), "--passphrase-file", str(tmp_path / "passphrase")]
    assert run_command([*common, "inbox"]) == 0
    assert "7F3A-00" in capsys.readouterr().out
    assert run_command([*common, "check", "7F3A-00"]) == 0
    assert "needed before sealing" in capsys.readouterr().out
    assert run_command([*common, "show", "7F3A-00"]) == 0
    shown = capsys.readouterr().out
    assert "plan.md (here)" in shown
    assert "lesson.mp4 (not here yet)" in shown


def test_a_file_that_is_no_json_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run_command(["score", "7F3A-00"])
    assert ended.value.code == 2
    assert "CRITERION" in capsys.readouterr().err
