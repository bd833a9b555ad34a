"""The commands of a coach, of a concern and of the phrase bank, and what they leave behind."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.desk.test_coaching import drafts

from assessor_desk.cli.command_line import run_command
from assessor_desk.desk import Desk
from assessor_desk.domain.changes import SourceChanges
from assessor_desk.rubric_files import load_phrases

Say = Callable[..., tuple[int, Any, str]]
TRY = "On the third slide, let every pupil write an answer before the first one is heard."


@pytest.fixture
def say(
    desk: Desk, page: Callable[..., SourceChanges], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Say:
    """`say("inbox")` on a coach's desk: exit code, what was printed, what is on stderr."""
    desk.store.accept(drafts(page(2)))
    desk.close()
    words = tmp_path / "passphrase"
    words.write_text("demo\n", encoding="utf-8")

    def run(*arguments: str, as_json: bool = True) -> tuple[int, Any, str]:
        common = ["--desk", str(desk.folder), "--passphrase-file", str(words)]
        code = run_command([*arguments, *common, *(["--json"] if as_json else [])])
        out, err = capsys.readouterr()
        return code, json.loads(out) if as_json else out, err

    return run


def test_notes_are_written_shown_handed_back_and_saved_as_files(say: Say, tmp_path: Path) -> None:
    said = tmp_path / "present.txt"
    said.write_text("Page 1 of the plan has pupils mark their own exit tickets.", encoding="utf-8")
    assert say("hand-back", "7F3A-00")[0] == 1
    places = ("--anchor", "plan.md@quote=exit tickets", "--anchor", "lesson.mp4@whole")
    assert say("notes", "7F3A-00", "1", "--present", f"@{said}", "--try-next", TRY, *places)[0] == 0
    assert say("notes", "7F3A-00", "--text", "Two lessons in one plan; which one is first?")[0] == 0
    code, shown, _ = say("show", "7F3A-00")
    assert code == 0
    assert shown["review"]["criteria"][0]["texts"]["try_next"] == TRY
    assert len(shown["review"]["criteria"][0]["anchors"]) == 2
    assert shown["review"]["overall"].startswith("Two lessons")
    _, lines, _ = say("show", "7F3A-00", as_json=False)
    assert f"What to try next: {TRY}" in lines
    assert "no level yet" not in lines
    assert "ready to hand back" in lines
    code, told, err = say("hand-back", "7F3A-00", "--out", str(tmp_path / "out"))
    assert code == 0
    assert [f"{one}\n" for one in told["troubles"]] == [err]
    assert err.startswith("No note stands in a PDF or Word file of this draft")
    assert [Path(one).suffix for one in told["files"]] == [".pdf", ".docx", ".html", ".json", ".jsonld"]
    again, repeated, _ = say("hand-back", "7F3A-00", "--out", str(tmp_path / "more"))
    assert (again, repeated["notes"]) == (0, told["notes"]), "the files once more, the notes not"
    assert say("hand-back", "7F3A-00")[0] == 1
    _, inbox, _ = say("inbox", as_json=False)
    assert "handed back, waiting" in inbox


def test_notes_without_words_are_refused(say: Say) -> None:
    code, told, _ = say("notes", "7F3A-00", "1")
    assert (code, "--try-next" in told["error"]) == (1, True)
    assert say("notes", "7F3A-00", "--present", "Something")[0] == 1, (
        "on the whole draft there is --text alone"
    )


def test_a_concern_is_raised_with_the_contact_and_shown(say: Say) -> None:
    words = ("--kind", "privacy", "--text", "A pupil's name stands on it.", "--artifact", "plan.md")
    code, told, _ = say("concern", "7F3A-00", *words)
    assert code == 0
    assert told["contact"]
    assert [(one["kind"], one["artifact"]) for one in told["holds"]] == [("privacy", "plan")]
    _, shown, _ = say("show", "7F3A-00")
    assert shown["holds"] == told["holds"]
    _, lines, _ = say("show", "7F3A-00", as_json=False)
    assert "a privacy concern was raised" in lines
    assert "plan.md (removed: a concern about it was raised" in lines
    with pytest.raises(SystemExit):
        say("concern", "7F3A-00", "--kind", "gossip", "--text", "x")


def test_phrases_come_in_are_listed_and_go_out(say: Say, tmp_path: Path) -> None:
    bank = tmp_path / "bank.csv"
    bank.write_text("text,tags\nRead [whose] answer aloud.,next_step\n", encoding="utf-8")
    assert say("phrases", "import", str(bank))[:2] == (0, {"imported": 1})
    _, found, _ = say("phrases", "list", "aloud", "answer")
    assert [one["text"] for one in found["phrases"]] == ["Read [whose] answer aloud."]
    _, lines, _ = say("phrases", "list", "aloud", as_json=False)
    assert lines == "Read [whose] answer aloud.  (yours, used 0×)\n"
    out = tmp_path / "own.yaml"
    assert say("phrases", "export", str(out), "--own")[1]["exported"] == 1
    assert len(load_phrases(out)) == 1
    assert say("phrases", "export", str(tmp_path / "all.yaml"))[1]["exported"] > 30
    assert say("phrases", "list", "nothing-like-it", as_json=False)[1] == "No phrase answers this\n"
