"""The frame: codes, sentences, one JSON document, options before or after, nothing heavy for nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Say

from assessor_desk.domain.errors import Damaged, DeskError, Refused, Unavailable

HUB = "http://127.0.0.1:1"
HEAVY = {
    "PySide6",
    "fastapi",
    "uvicorn",
    "sqlalchemy",
    "httpx",
    "pydantic",
    "pyhanko",
    "typst",
    "av",
    "numpy",
}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such bound")
def test_a_crash_leaves_no_image_of_the_memory_which_holds_words_and_keys() -> None:
    code = """
import resource, sys
most = resource.getrlimit(resource.RLIMIT_CORE)[1]
resource.setrlimit(resource.RLIMIT_CORE, (most, most))
from assessor_desk.__main__ import main
try:
    main()
finally:
    sys.stderr.write(f"{most} {resource.getrlimit(resource.RLIMIT_CORE)[0]}")
"""
    ended = subprocess.run(
        [sys.executable, "-c", code, "--version"], capture_output=True, text=True, check=True
    )
    most, left = map(int, ended.stderr.split())
    assert left == 0
    if not most:
        pytest.skip("none can be left here anyway")


@pytest.mark.parametrize(("error", "code"), [(Refused, 1), (Unavailable, 3), (Damaged, 4)])
def test_each_kind_of_error_has_its_code_and_one_sentence(
    say: Say, monkeypatch: pytest.MonkeyPatch, error: type[DeskError], code: int
) -> None:
    import assessor_desk.hub.hub as hub

    def fail(*_: object) -> None:
        raise error("the thing\n  is not\tas it should be")

    monkeypatch.setattr(hub.Hub, "open", fail)
    ended = say("hub", "--at", "x", "status")
    assert (ended.code, ended.out, ended.err) == (code, "", "The thing is not as it should be.\n")


@pytest.mark.parametrize("before", [True, False])
def test_with_json_an_error_too_is_one_document(say: Say, tmp_path: Path, before: bool) -> None:
    words = ["hub", "--at", tmp_path, "status"]
    ended = say(*(["--json", *words] if before else [*words, "--json"]))
    assert ended.code == 1
    assert "holds no hub" in json.loads(ended.out)["error"]
    assert "holds no hub" in ended.err


def test_no_command_opens_the_window_on_the_desk_that_is_named(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import assessor_desk.gui.app as app

    opened: list[tuple[Path, str | None]] = []
    monkeypatch.setattr(app, "run", lambda folder, passphrase=None: opened.append((folder, passphrase)) or 0)
    secret = tmp_path / "secret.txt"
    secret.write_text("correct horse\n", encoding="utf-8")
    monkeypatch.setenv("ASSESSOR_DESK_HOME", str(tmp_path / "home"))
    assert say().code == 0
    assert say("--desk", tmp_path / "other", "--passphrase-file", secret).code == 0
    monkeypatch.setenv("ASSESSOR_DESK_PASSPHRASE", "from the surroundings")
    assert say().code == 0
    assert opened == [
        (tmp_path / "home", None),
        (tmp_path / "other", "correct horse"),
        (tmp_path / "home", "from the surroundings"),
    ]


def test_a_passphrase_file_that_cannot_be_read_is_refused(say: Say, tmp_path: Path) -> None:
    ended = say("--desk", tmp_path / "desk", "--passphrase-file", tmp_path / "gone", "connect", HUB, "CODE")
    assert ended.code == 1
    assert "passphrase file" in ended.err


def test_without_a_passphrase_and_without_a_keyboard_the_sentence_says_what_to_do(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    ended = say("--desk", tmp_path / "desk", "connect", HUB, "CODE")
    assert ended.code == 1
    assert "--passphrase-file" in ended.err


def test_an_unknown_command_ends_with_2(say: Say) -> None:
    ended = say("dance")
    assert (ended.code, ended.out) == (2, "")


def test_the_version_is_told(say: Say) -> None:
    assert say("--version").out.startswith("assessor-desk 0.")


def test_rubric_check_names_every_fault_of_every_file(say: Say, root: Path, tmp_path: Path) -> None:
    good = root / "rubrics" / "positive-relationships.yaml"
    bad = tmp_path / "bad.yaml"
    text = good.read_text(encoding="utf-8")
    bad.write_text(text.replace("      - id: progressing", "      - id: demonstrated", 1), encoding="utf-8")
    ended = say("rubric", "check", bad, good)
    assert ended.code == 1
    assert "positive-relationships.yaml: Building Positive Relationships" in ended.out
    assert "bad.yaml, line" in ended.err.lower()
    assert "“demonstrated” is given twice" in ended.err
    assert say("rubric", "check", good, "--json").document["faults"] == []


def test_the_help_loads_neither_window_nor_web_nor_database() -> None:
    script = (
        "import sys\nfrom assessor_desk.cli.command_line import parser\nparser().format_help()\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_output_that_is_closed_early_ends_quietly(root: Path) -> None:
    command = f'"{sys.executable}" -m assessor_desk rubric check {root}/rubrics/*.yaml --json'
    if sys.platform == "win32":
        pytest.skip("needs a POSIX shell")
    done = subprocess.run(["sh", "-c", f"{command} | true"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
