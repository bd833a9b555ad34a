"""The commands over many reviews, on a desk with decisions: what they write, print and refuse."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.desk.many_decided import fill
from tests.reports.cohort_rows import MATHS, POLICY, RELATIONSHIPS, shipped, some_rows

from assessor_desk.cli.command_line import run_command
from assessor_desk.desk import Desk

Say = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def say(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """`say("cohort", …)`: exit code, the JSON document printed, and what was said on stderr."""
    rows = some_rows(120, names=(MATHS, RELATIONSHIPS), districts=("Lakeside", "Cedar Valley"))
    texts = [
        ("overall", "", "Every check has its exit ticket."),
        ("strength", "plans-checks", "The marbles count."),
    ]
    fill(
        desk, rows, map(shipped, (MATHS, RELATIONSHIPS)), POLICY, lambda number: texts if number == 7 else ()
    )
    desk.close()
    words = tmp_path / "passphrase"
    words.write_text("demo\n", encoding="utf-8")

    def run(*arguments: str) -> tuple[int, Any, str]:
        capsys.readouterr()
        code = run_command(
            [*arguments, "--desk", str(desk.folder), "--passphrase-file", str(words), "--json"]
        )
        out, err = capsys.readouterr()
        return code, json.loads(out), err

    return run


def test_a_cohort_report_is_written_for_a_recipient_and_a_period(say: Say, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, told, err = say(
        "cohort", "--out", str(out), "--for", "district", "--district", "Lakeside", "--micro-credential", MATHS,
        "--from", "2026-01-01", "--to", "2026-12-31", "--format", "csv", "--format", "html",
    )  # fmt: skip

    assert (code, err) == (0, "")
    assert sorted(path.suffix for path in out.iterdir()) == [".csv", ".html"]
    assert sorted(told["files"]) == sorted(str(path) for path in out.iterdir())
    words = (out / Path(told["files"][0]).name).read_text(encoding="utf-8-sig")
    assert "earned, and others only if their educator agreed" in words
    assert "1 January 2026 to 31 December 2026" in words


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--for", "district"], "one --district"),
        (["--from", "2026-02-01", "--to", "2026-01-01"], "comes after"),
        (["--district", "Nowhere"], "There is Cedar Valley, Lakeside"),
    ],
)
def test_a_report_on_what_cannot_be_is_refused(say: Say, tmp_path: Path, words: list[str], said: str) -> None:
    code, told, _ = say("cohort", "--out", str(tmp_path / "out"), *words)

    assert code == 1
    assert said in told["error"]
    assert not (tmp_path / "out").exists()


def test_a_day_is_written_as_a_day(say: Say, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        say("cohort", "--out", str(tmp_path / "out"), "--from", "last week")
    assert ended.value.code == 2


def test_words_are_found_in_delivered_reviews(say: Say) -> None:
    code, told, _ = say("reviews", "search", "tick", "exit")
    assert code == 0
    assert told["found"] == []
    code, told, _ = say("reviews", "search", "exit", "tick")

    [found] = told["found"]
    assert (found["submission_id"], found["field"], found["hit"]) == ("s-7", "overall", "exit")
    assert say("reviews", "search", "marbl")[1]["found"][0]["where"].startswith("1 Plans checks")


def test_a_selection_that_cannot_be_exported_says_why_for_each(say: Say, tmp_path: Path) -> None:
    code, told, err = say("reviews", "export", "--out", str(tmp_path / "out"), "--district", "Lakeside",
                          "--what", "reports")  # fmt: skip

    assert code == 1
    assert told["files"] == []
    assert len(told["troubles"]) == err.count("\n") > 20
