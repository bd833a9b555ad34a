"""Whatever is wrong is told in one sentence that names it, with the exit code of its kind, and nothing is changed."""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.journey.conftest import Dump, Harbour, filled, hub_facts
from tests.journey.programme import PASSPHRASE, PROGRAM, RUBRIC, Said, Terminal, write_submissions
from tests.journey.wrong_files import bomb, cut_video, locked_pdf, package_of, write_rows
from tests.sync import faulty

from assessor_desk.cli.command_line import parser, run_command
from assessor_desk.desk import Desk
from assessor_desk.domain.errors import Damaged, DeskError, Refused
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import new_code as hub_code

Facts = Callable[[Terminal], Dump]

SUBMISSIONS = "submissions.csv, row {}, column “{}”"
ARTIFACTS = "artifacts.csv, row {}, column “{}”"
REFUSED, WRONG_USAGE, UNAVAILABLE, DAMAGED = 1, 2, 3, 4


def one_sentence(said: Said, code: int, *words: str) -> str:
    """The sentence, which stderr and the JSON document both give; it has all these words."""
    assert said.code == code, said
    assert said.document == {"error": said.err.rstrip("\n")}
    assert said.err.count("\n") == 1
    assert "Traceback" not in said.err
    for each in words:
        assert each in said.err
    assert said.err[-2] in ".”?)", said.err
    return said.err


# -- rubrics -----------------------------------------------------------------------------------------------


@pytest.fixture
def doubled(tmp_path: Path) -> tuple[Path, int]:
    """A rubric in which a criterion has one level twice, and the line where."""
    path = tmp_path / "doubled.yaml"
    text = RUBRIC.replace("{id: partly, title: Partly met", "{id: not-met, title: Partly met")
    path.write_text(text, encoding="utf-8")
    return path, next(n for n, line in enumerate(text.splitlines(), 1) if "title: Partly met" in line)


def test_a_rubric_with_a_duplicate_level_is_told_with_file_line_and_criterion(
    person: Terminal, doubled: tuple[Path, int]
) -> None:
    path, line = doubled
    said = person.says("rubric", "check", path)
    fault = f"doubled.yaml, line {line}, criterion “Waits for thinking”: the level “not-met” is given twice"
    assert (said.code, said.document["faults"]) == (REFUSED, [fault])
    assert said.err == f"{fault}.\n"


def test_a_rubric_with_a_duplicate_level_is_not_published(
    harbour: Harbour, person: Terminal, doubled: tuple[Path, int]
) -> None:
    before = hub_facts(harbour.hub)
    said = person.says("hub", "--at", harbour.hub, "publish", doubled[0])
    one_sentence(said, REFUSED, f"doubled.yaml, line {doubled[1]}", "“Waits for thinking”", "given twice")
    assert hub_facts(harbour.hub) == before


def test_another_rubric_under_a_published_version_is_refused(
    harbour: Harbour, person: Terminal, tmp_path: Path
) -> None:
    changed = tmp_path / "talk-moves.yaml"
    changed.write_text(RUBRIC.replace("title: Met,", "title: Fully met,"), encoding="utf-8")
    before = hub_facts(harbour.hub)
    said = person.says("hub", "--at", harbour.hub, "publish", changed)
    one_sentence(said, REFUSED, "version")
    assert hub_facts(harbour.hub) == before


# -- files that cannot be opened ---------------------------------------------------------------------------


WRONG_FILES = [
    pytest.param(cut_video, "lesson.mp4", "cut short", id="truncated video"),
    pytest.param(locked_pdf, "locked.pdf", "locked with a password", id="PDF with a password"),
    pytest.param(bomb, "bomb.docx", "exhaust the memory", id="ZIP bomb"),
]


def test_the_preflight_names_each_file_that_cannot_be_opened(person: Terminal, tmp_path: Path) -> None:
    paths = [param.values[0](tmp_path / param.values[1]) for param in WRONG_FILES]
    (tmp_path / "sound.md").write_text("# Sound\n", encoding="utf-8")
    said = person.says("preflight", *paths, tmp_path / "sound.md")
    assert said.code == REFUSED
    found = {Path(one["file"]).name: one["faults"] for one in said.document["files"]}
    assert found.pop("sound.md") == []
    for param in WRONG_FILES:
        name, words = param.values[1:]
        assert words in found[name][0]
        assert f"“{name}”" in found[name][0]
        assert f"“{name}”" in said.err
    assert said.err.count("\n") >= len(WRONG_FILES)


def test_an_import_names_row_and_column_of_a_file_that_cannot_be_opened_and_imports_nothing(
    harbour: Harbour,
) -> None:
    said, before, after = harbour.refused
    one_sentence(
        said, REFUSED, ARTIFACTS.format(3, "file or link"), "“lesson.mp4” is cut short", "3 more",
        "Nothing was imported",
    )  # fmt: skip
    assert after == before


@pytest.mark.parametrize(("make", "name", "words"), WRONG_FILES)
def test_on_the_desk_a_file_that_cannot_be_opened_says_so_and_the_rest_can_be_read(
    harbour: Harbour, person: Terminal, make: object, name: str, words: str
) -> None:
    with Desk.open_with_key(person.desk, harbour.data_key) as desk:
        own_id = desk.find("BAD-03")
        before = desk.case(own_id)
        evidence = desk.evidence(own_id, name)
        faults = evidence.preflight().faults
        assert words in faults[0]
        with pytest.raises((Refused, Damaged)) as told:
            (evidence.open_media if name.endswith(".mp4") else evidence.open)()
        assert f"“{name}”" in str(told.value)
        sound = desk.evidence(own_id, "overview.md").open()
        assert "Overview" in sound.html  # type: ignore[attr-defined]
        assert desk.case(own_id).review == before.review


# -- what is asked of the desk -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("show", "VN-09"), ("no submission “VN-09”", "VN-01")),
        (("seal", "XX-77"), ("no submission “XX-77”",)),
        (("score", "VN-01", "charm", "met"), ("no criterion “charm”", "hands-on, waits")),
        (("score", "VN-01", "waits", "excellent"), ("no level “excellent”", "not-met, partly, met")),
        (("score", "VN-01", "1", "met", "--anchor", "plan.docx"), ("“plan.docx”", "@")),
        (("score", "VN-01", "1", "met", "--anchor", "lesson.mp4@t=9,3"), ("t=9,3",)),
        (("score", "VN-01", "1", "met", "--anchor", "pupils.pdf@page=two"), ("page=two",)),
        (
            ("score", "VN-01", "1", "met", "--anchor", "board.jpg@xywh=percent:90,0,30,5"),
            ("percent:90,0,30,5",),
        ),
        (
            ("score", "VN-01", "1", "met", "--anchor", "lesson.mp4@t=600"),
            ("“lesson.mp4” is 12 seconds long (00:12)", "t=600 lies beyond"),
        ),
        (("score", "VN-01", "1", "met", "--anchor", "lesson.mp4@t=2,600"), ("t=2,600 lies beyond its end",)),
        (
            ("score", "VN-01", "1", "met", "--anchor", "pupils.pdf@page=4"),
            ("“pupils.pdf” has 3 pages, so there is no page 4",),
        ),
        (("score", "VN-01", "1", "met", "--anchor", "plan.docx@page=1"), ("“plan.docx” has no pages",)),
        (
            ("score", "VN-01", "1", "met", "--anchor", "reflection.md@page=1"),
            ("“reflection.md” has no pages",),
        ),
        (("score", "VN-01", "1", "met", "--anchor", "diary.pdf@whole"), ("no artifact “diary.pdf”",)),
        (("score", "VN-01", "", "met"), ("no criterion “”",)),
        (("score", "VN-01", "waits", ""), ("no level “”",)),
        (
            ("score", "VN-01", "waits", "n", "--anchor", "board.jpg@t=1"),
            ("“board.jpg” has no moments",),
        ),
        (("completeness", "VN-01", "--incomplete", "ugly"), ("ugly", "missing_part")),
        (("feedback", "VN-01", "1", "--strength", "@/nowhere.txt"), ("/nowhere.txt", "cannot be read")),
        (("earlier", "VN-01"), ("Nothing is shown of an attempt before VN-01",)),
        (("earlier", "VN-01", "1", "maybe"), ("addressed, partly, not",)),
        (("copy", "VN-01", "plan.docx", "--out", "."), ("not protected any more", "--understood")),
        (("copy", "VN-01", "diary.pdf", "--out", ".", "--understood"), ("no artifact “diary.pdf”",)),
        (("seal", "VN-01"), ("Needed before sealing VN-01", "Choose a level")),
        (("seal", "VN-01", "--keep", "F99=because"), ("F99", "nothing to keep")),
        (("correct", "VN-01"), ("VN-01", "not sealed")),
        (("export", "VN-01", "--out", "."), ("VN-01", "not sealed yet")),
    ],
    ids=lambda words: " ".join(words),
)
def test_what_the_desk_cannot_do_is_refused_and_changes_nothing(
    person: Terminal, desk_facts: Facts, words: tuple[str, ...], told: tuple[str, ...]
) -> None:
    before = desk_facts(person)
    one_sentence(person.says(*words), REFUSED, *told)
    assert desk_facts(person) == before


def test_a_score_whose_second_anchor_is_bad_is_not_half_recorded(person: Terminal, desk_facts: Facts) -> None:
    before = desk_facts(person)
    said = person.says(
        "score", "VN-01", "1", "met", "--rationale", "words", "--anchor", "plan.docx@whole",
        "--anchor", "nothing@whole",
    )  # fmt: skip
    one_sentence(said, REFUSED, "“nothing”")
    assert desk_facts(person) == before


def test_a_wrong_passphrase_opens_and_seals_nothing(
    person: Terminal, desk_facts: Facts, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("thirteen loud quokkas", encoding="utf-8")
    stranger = replace(person, passphrase_file=wrong)
    before = desk_facts(person)
    for words in (("inbox",), ("seal", "VN-01", "--attest", "no_affiliation")):
        one_sentence(stranger.says(*words), REFUSED, "passphrase is not right")
    after = desk_facts(person)
    assert set(after["files"]) - set(before["files"]) == {"tries.json"}
    assert {**after, "files": before["files"]} == before


def test_a_desk_whose_database_is_gone_is_damaged_and_not_begun_anew(person: Terminal) -> None:
    (person.desk / "desk.db").unlink()
    one_sentence(
        person.says("inbox"), DAMAGED, "“desk.db” is missing", str(person.desk), "back-up", "“Restore”"
    )
    assert not (person.desk / "desk.db").exists()


@pytest.mark.parametrize("damage", ["gone", "empty", "a bit flipped", "cut short"])
def test_a_desk_whose_database_is_damaged_is_restored_by_a_command(
    person: Terminal, desk_facts: Facts, damage: str
) -> None:
    database = person.desk / "desk.db"
    content, before = database.read_bytes(), desk_facts(person)
    flipped = content[:5000] + bytes([content[5000] ^ 1]) + content[5001:]
    spoilt = {
        "gone": None,
        "empty": b"",
        "a bit flipped": flipped,
        "cut short": content[: len(content) // 2],
    }[damage]
    database.unlink()
    if spoilt is not None:
        database.write_bytes(spoilt)
    listed = person.says("restore", "--list")
    assert listed.code == 0
    assert all(one["sound"] for one in listed.document["snapshots"])
    looked = person.says("restore", "--preview")
    assert looked.code == 0, looked
    assert [one["submission"] for one in looked.document["submissions"]] == ["VN-01"]
    assert looked.document["submissions"][0]["comes_back" if damage in ("gone", "empty") else "kept"]
    assert (database.read_bytes() if spoilt is not None else None) == spoilt, "a preview changes nothing"
    done = person.says("restore")
    assert done.code == 0
    assert "kept" in done.document["summary"]
    after = desk_facts(person)
    assert {one: rows for one, rows in after.items() if one not in ("facts", "files")} == {
        one: rows for one, rows in before.items() if one not in ("facts", "files")
    }
    assert person.says("inbox").code == 0


def test_a_restore_names_what_it_does_not_know(person: Terminal, desk_facts: Facts) -> None:
    before = desk_facts(person)
    one_sentence(person.says("restore", "20010101-000000"), REFUSED, "“20010101-000000”", "restore --list")
    one_sentence(person.says("restore", "--list", "1"), REFUSED, "--preview")
    assert desk_facts(person) == before


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("init", "--title", "T", "--programme", "P"), REFUSED, "is not empty"),
        (("status",), REFUSED, "holds no hub"),
    ],
)
def test_a_file_is_no_folder_for_a_hub(
    person: Terminal, tmp_path: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    path = tmp_path / "file"
    path.write_text("in the way", encoding="utf-8")
    one_sentence(person.says("hub", "--at", path, *words), code, str(path), told)
    assert path.read_text(encoding="utf-8") == "in the way"


def test_a_rubric_nested_without_end_is_told(person: Terminal, tmp_path: Path) -> None:
    (tmp_path / "deep.yaml").write_text("[" * 1200, encoding="utf-8")
    said = person.says("rubric", "check", tmp_path / "deep.yaml")
    assert (said.code, said.document["faults"]) == (REFUSED, ["deep.yaml, line 1: this is nested too deeply"])


def test_a_second_process_on_one_desk_is_told_so(harbour: Harbour, person: Terminal) -> None:
    with Desk.open_with_key(person.desk, harbour.data_key) as desk:
        inbox = desk.inbox()
        one_sentence(
            person.types("completeness", "AR-02"), REFUSED, str(person.desk), "open in another window"
        )
        assert desk.inbox() == inbox
    assert person.says("inbox").code == 0


def test_a_desk_is_not_made_in_a_folder_that_a_cloud_service_copies(
    harbour: Harbour, person: Terminal, tmp_path: Path
) -> None:
    for name in ("Dropbox", "OneDrive - Harbour School", "Google Drive"):
        cloud = tmp_path / name
        cloud.mkdir()
        said = person.at(cloud / "desk").says("connect", harbour.network.url, "ABCD-EFGH-JKMN-PQRS")
        one_sentence(said, REFUSED, f"“{name}”", "cloud service", "choose a folder outside it")
        assert list(cloud.iterdir()) == []


# -- tables to import --------------------------------------------------------------------------------------


GOOD = ("NEW-1", "E-9", "Mai Lê", "talk-moves", "1", "no", "Harbour", "en", "yes")
FILE = ("NEW-1", "work", "plan.md", "The plan", "")


@pytest.fixture
def incoming(tmp_path: Path) -> Path:
    """A folder to import in which all is well."""
    folder = tmp_path / "incoming"
    folder.mkdir()
    (folder / "plan.md").write_text("# Plan\n", encoding="utf-8")
    (tmp_path / "outside.md").write_text("# Not of this submission\n", encoding="utf-8")
    write_rows(folder, [GOOD], [FILE])
    return folder


def cell(row: tuple[str, ...], place: int, value: str) -> tuple[str, ...]:
    """The row with another value in one cell."""
    return (*row[:place], value, *row[place + 1 :])


@pytest.mark.parametrize(
    ("submissions", "artifacts", "told"),
    [
        ([cell(GOOD, 3, "juggling")], [FILE], (SUBMISSIONS.format(2, "micro-credential"), "“juggling”", "talk-moves")),
        ([cell(GOOD, 4, "zero")], [FILE], (SUBMISSIONS.format(2, "attempt"), "“zero”")),
        ([cell(GOOD, 4, "0")], [FILE], (SUBMISSIONS.format(2, "attempt"), "“0”")),
        ([GOOD, cell(GOOD, 1, "E-8")], [FILE], (SUBMISSIONS.format(3, "submission key"), "in row 2 already")),
        ([cell(GOOD, 2, "")], [FILE], (SUBMISSIONS.format(2, "name"), "empty")),
        ([cell(GOOD, 5, "maybe")], [FILE], (SUBMISSIONS.format(2, "draft"), "neither yes nor no")),
        ([GOOD], [cell(FILE, 2, "missing.pdf")], (ARTIFACTS.format(2, "file or link"), "no file “missing.pdf”")),
        ([GOOD], [cell(FILE, 2, "../outside.md")], (ARTIFACTS.format(2, "file or link"), "outside the folder")),
        ([GOOD], [cell(FILE, 2, "/etc/hostname")], (ARTIFACTS.format(2, "file or link"), "outside the folder")),
        ([GOOD], [FILE, cell(FILE, 4, "../outside.vtt")], ("artifacts.csv, row 3, column",)),
        ([GOOD], [cell(FILE, 1, "homework")], (ARTIFACTS.format(2, "part"), "“homework”")),
        ([GOOD], [FILE, cell(FILE, 0, "NEW-2")], (ARTIFACTS.format(3, "submission key"), "“NEW-2”")),
        ([GOOD], [cell(FILE, 2, "javascript://alert")], ("artifacts.csv, row 2", "not a web address")),
    ],
    ids=lambda value: value[-1] if isinstance(value, tuple) else "",
)  # fmt: skip
def test_a_faulty_row_is_named_with_file_row_and_column_and_nothing_is_imported(
    harbour: Harbour,
    person: Terminal,
    incoming: Path,
    submissions: list[tuple[str, ...]],
    artifacts: list[tuple[str, ...]],
    told: tuple[str, ...],
) -> None:
    write_rows(incoming, submissions, artifacts)
    before = hub_facts(harbour.hub)
    said = person.says("hub", "--at", harbour.hub, "import", incoming)
    one_sentence(said, REFUSED, *told, "Nothing was imported")
    assert hub_facts(harbour.hub) == before


def _drop_column(folder: Path) -> None:
    path = folder / "submissions.csv"
    path.write_text(path.read_text("utf-8").replace(",attempt,", ","), encoding="utf-8")


def _write_latin(folder: Path) -> None:
    path = folder / "submissions.csv"
    path.write_bytes(path.read_text("utf-8").replace("Mai Lê", "Mai Lé").encode("latin-1"))


def _remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _write_nothing(folder: Path) -> None:
    (folder / "plan.md").write_bytes(b"")


def _point_outside(folder: Path) -> None:
    (folder / "plan.md").unlink()
    (folder / "plan.md").symlink_to(folder.parent / "outside.md")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_drop_column, (SUBMISSIONS.format(1, "attempt"), "missing")),
        (_write_latin, ("submissions.csv, row 2", "not UTF-8", "CSV UTF-8")),
        (_remove("artifacts.csv"), ("artifacts.csv is not in", "incoming")),
        (_write_nothing, (ARTIFACTS.format(2, "file or link"), "“plan.md” is empty")),
        (_point_outside, (ARTIFACTS.format(2, "file or link"), "outside the folder")),
    ],
)
def test_a_faulty_table_or_folder_is_named_and_nothing_is_imported(
    harbour: Harbour, person: Terminal, incoming: Path, spoil: Callable[[Path], None], told: tuple[str, ...]
) -> None:
    spoil(incoming)
    before = hub_facts(harbour.hub)
    one_sentence(person.says("hub", "--at", harbour.hub, "import", incoming), REFUSED, *told)
    assert hub_facts(harbour.hub) == before


# -- codes -------------------------------------------------------------------------------------------------


def test_a_wrong_a_used_and_an_expired_code_are_told_and_the_desk_stays_as_it_was(
    harbour: Harbour, person: Terminal, desk_facts: Facts
) -> None:
    used, hub = harbour.code(), Hub.open(harbour.hub)
    late = hub_code(hub, harbour.number, timedelta(seconds=-1))
    hub.close()
    assert person.says("connect", harbour.network.url, used).code == 0
    before, devices = desk_facts(person), hub_facts(harbour.hub)["devices"]
    for code in (used, late, "ABCD-EFGH-JKMN-PQRS"):
        said = person.says("connect", harbour.network.url, code)
        one_sentence(said, REFUSED, "code", "Ask the issuer for a new one")
    after = desk_facts(person)
    assert {name: rows for name, rows in after.items() if name != "files"} == {
        name: rows for name, rows in before.items() if name != "files"
    }
    assert hub_facts(harbour.hub)["devices"] == devices


# -- networks and hubs -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (faulty.status(500), ("Harbour hub", "error (500)")),
        (faulty.status(500, b"<html>Oh dear</html>", "text/html"), ("Harbour hub", "error (500)")),
        (faulty.page, ("Harbour hub", "a page instead of data", "sign in")),
        (faulty.cut(10, of="/v1/"), ("Harbour hub", "ended too early")),
        (faulty.cut(0, of="/v1/"), ("Harbour hub", "ended too early")),
    ],
    ids=["500", "500 in HTML", "a page", "ends in the middle", "closes connections"],
)
def test_a_hub_that_answers_wrongly_is_unavailable_and_nothing_but_the_reason_is_kept(
    harbour: Harbour, newcomer: Terminal, desk_facts: Facts, fault: faulty.Fault, told: tuple[str, ...]
) -> None:
    before = desk_facts(newcomer)
    harbour.network.fault = fault
    one_sentence(newcomer.says("sync"), UNAVAILABLE, *told)
    after = desk_facts(newcomer)
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"facts"}
    assert newcomer.says("inbox").document == {"submissions": []}


def test_a_hub_that_is_not_there_is_unavailable(
    harbour: Harbour, person: Terminal, desk_facts: Facts
) -> None:
    before = desk_facts(person)
    said = person.says("connect", "http://127.0.0.1:9", "ABCD-EFGH-JKMN-PQRS")
    one_sentence(said, UNAVAILABLE, "http://127.0.0.1:9", "cannot be reached")
    for address in ("http://[::1", "hub.example.org", "http://hub.example.org", "ftp://127.0.0.1"):
        said = person.says("connect", address, "ABCD-EFGH-JKMN-PQRS")
        one_sentence(said, REFUSED, f"“{address}”", "https")
    after = desk_facts(person)
    assert {n: r for n, r in after.items() if n != "files"} == {
        n: r for n, r in before.items() if n != "files"
    }


def test_a_download_that_breaks_off_goes_on_where_it_stopped(harbour: Harbour, newcomer: Terminal) -> None:
    harbour.network.fault = faulty.cut(0)
    broken = newcomer.says("sync")
    assert broken.code == UNAVAILABLE
    assert "ended too early" in broken.err
    harbour.network.fault = faulty.cut(30_000)
    harbour.network.asked.clear()
    whole = newcomer.does("sync")
    assert (whole["ready"], whole["bytes_to_go"]) == (whole["total"], 0)
    assert "bytes=30000-" in harbour.network.ranges()
    assert newcomer.does("sync")["fetched"] == 0


# -- disks -------------------------------------------------------------------------------------------------


def test_on_a_full_disk_a_round_says_what_is_missing_and_goes_on_once_there_is_room(
    newcomer: Terminal, small_disk: Callable[[str], None], tmp_path: Path
) -> None:
    small_disk("size=1m")
    here = newcomer.at(tmp_path / "small" / "desk")
    shutil.copytree(newcomer.desk, here.desk)
    said = here.says("sync")
    assert said.code == UNAVAILABLE
    assert "full" in said.err
    assert "Traceback" not in said.err
    small_disk("size=20m")
    whole = here.does("sync")
    assert (whole["ready"], whole["bytes_to_go"]) == (whole["total"], 0)


def test_on_a_full_disk_nothing_is_recorded_and_afterwards_all_goes_on(
    person: Terminal, desk_facts: Facts, small_disk: Callable[[str], None], tmp_path: Path
) -> None:
    small_disk("size=4m")
    here = person.at(tmp_path / "small" / "desk")
    shutil.copytree(person.desk, here.desk)
    before = desk_facts(here)
    long_words = "Every pupil answers before one is heard. " * 400
    with filled(tmp_path / "small"):
        said = here.says("feedback", "VN-01", "--text", long_words)
        one_sentence(said, UNAVAILABLE, "full", "free some space")
    assert desk_facts(here) == before
    assert here.says("feedback", "VN-01", "--text", long_words).code == 0


def test_a_file_that_may_not_grow_is_told_like_a_full_disk(newcomer: Terminal, desk_facts: Facts) -> None:
    """What stands in for a full disk where none can be mounted."""
    command = [
        *PROGRAM,
        "sync",
        "--desk",
        newcomer.desk,
        "--passphrase-file",
        newcomer.passphrase_file,
        "--json",
    ]
    done = subprocess.run(
        list(map(str, command)),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
        capture_output=True,
        text=True,
    )
    assert done.returncode == UNAVAILABLE, done
    assert "Traceback" not in done.stderr
    assert "full" in done.stderr
    json.loads(done.stdout)
    assert newcomer.does("sync")["bytes_to_go"] == 0


def test_on_a_full_disk_a_hub_imports_nothing_and_leaves_nothing(
    made_hub: tuple[Path, str], person: Terminal, small_disk: Callable[[str], None], tmp_path: Path
) -> None:
    small_disk("size=2m")
    hub = tmp_path / "small" / "hub"
    shutil.copytree(made_hub[0], hub)
    incoming = write_submissions(tmp_path / "more")
    (incoming / "files" / "VN-01" / "board.jpg").write_bytes(_large_picture())
    before = hub_facts(hub)
    said = person.says("hub", "--at", hub, "import", incoming)
    one_sentence(said, UNAVAILABLE, "full")
    assert hub_facts(hub) == before
    small_disk("size=20m")
    assert "VN-01" in person.does("hub", "--at", hub, "import", incoming)["changed"]


def _large_picture() -> bytes:
    import io

    from PIL import Image

    target = io.BytesIO()
    Image.effect_noise((1600, 1600), 90).save(target, "PNG")
    return target.getvalue()


# -- packets -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sealed(harbour: Harbour, tmp_path_factory: pytest.TempPathFactory) -> tuple[Terminal, Path]:
    """A desk with one sealed review, and its packet."""
    folder = tmp_path_factory.mktemp("sealed")
    shutil.copytree(harbour.folder / "synced", folder / "desk")
    person = harbour.person.at(folder / "desk")
    person.does("completeness", "AR-02", "--incomplete", "missing_part")
    person.does(
        "feedback", "AR-02", "--text", "The reflection is not there. Please hand in all three parts. " * 4
    )
    person.does("seal", "AR-02", "--attest", "no_affiliation")
    (path,) = person.does("export", "AR-02", "--out", folder / "out")["files"]
    return person, Path(path)


def _verdict(said: Said) -> dict[str, object]:
    (verdict,) = said.document["verdicts"]
    return {fact["id"]: fact["standing"] for fact in verdict["facts"]} | {"headline": verdict["headline"]}


def test_what_is_no_packet_fails_the_verification(harbour: Harbour, person: Terminal, tmp_path: Path) -> None:
    contents = {
        "notes.txt": b"Not a packet at all",
        "empty.zip": b"",
        "other.zip": package_of({"readme.txt": b"A ZIP, but no packet"}),
        "plan.pdf": b"%PDF-1.7\n",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        said = person.says("verify", tmp_path / name, "--trust", harbour.trust)
        assert (said.code, said.err) == (DAMAGED, "")
        assert _verdict(said)["structure"] == "bad"
        assert said.document["verdicts"][0]["packet"] == name


def test_a_packet_or_trust_list_that_is_not_there_is_refused(
    harbour: Harbour, person: Terminal, sealed: tuple[Terminal, Path], tmp_path: Path
) -> None:
    one_sentence(person.says("verify", tmp_path / "gone.zip"), REFUSED, "gone.zip")
    said = person.says("verify", sealed[1], "--trust", tmp_path / "gone.pem")
    one_sentence(said, REFUSED, "gone.pem")
    (tmp_path / "trust.pem").write_text("no certificates here", encoding="utf-8")
    one_sentence(person.says("verify", sealed[1], "--trust", tmp_path / "trust.pem"), REFUSED, "trust.pem")


def test_a_packet_without_a_trust_list_is_not_enough(person: Terminal, sealed: tuple[Terminal, Path]) -> None:
    said = person.says("verify", sealed[1])
    assert said.code == DAMAGED
    assert _verdict(said)["chain"] == "unknown"
    assert "trust list" in str(said.document)


def test_an_unknown_revocation_is_said_and_fails_only_where_it_is_required(
    harbour: Harbour, person: Terminal, sealed: tuple[Terminal, Path], tmp_path: Path
) -> None:
    pem = harbour.trust.read_text("ascii")
    certificates = "".join(
        f"{one}-----END CERTIFICATE-----\n"
        for one in pem.replace("\r", "").split("-----END CERTIFICATE-----\n")[:-1]
    )
    without = tmp_path / "without-lists.pem"
    kept, going = [], True
    for line in certificates.splitlines():
        going = "BEGIN CERTIFICATE" in line or (going and "BEGIN X509 CRL" not in line)
        kept += [line] if going else []
    without.write_text("\n".join([*kept, ""]), encoding="ascii")
    said = person.says("verify", sealed[1], "--trust", without)
    assert said.code == 0
    assert _verdict(said)["revocation"] == "unknown"
    for what in ("revocation", "time", "revocation,time"):
        assert person.says("verify", sealed[1], "--trust", without, "--require", what).code == DAMAGED
    said = person.says("verify", sealed[1], "--trust", without, "--require", "luck")
    assert (said.code, "luck" in said.document["error"]) == (WRONG_USAGE, True)


def test_the_worst_of_several_packets_decides(
    harbour: Harbour, person: Terminal, sealed: tuple[Terminal, Path], tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("Not a packet", encoding="utf-8")
    said = person.says("verify", sealed[1], tmp_path / "notes.txt", "--trust", harbour.trust)
    assert said.code == DAMAGED
    assert [one["exit_code"] for one in said.document["verdicts"]] == [0, DAMAGED]


# -- folders to write to -----------------------------------------------------------------------------------


def test_an_export_makes_its_folder(sealed: tuple[Terminal, Path], tmp_path: Path) -> None:
    (path,) = sealed[0].does("export", "AR-02", "--out", tmp_path / "new" / "deep", "--format", "csv")[
        "files"
    ]
    assert Path(path).parent == tmp_path / "new" / "deep"


def test_an_export_into_what_is_no_folder_is_told_and_not_recorded(
    sealed: tuple[Terminal, Path], desk_facts: Facts, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    before = desk_facts(sealed[0])
    for out in (tmp_path / "file", tmp_path / "file" / "deeper"):
        one_sentence(
            sealed[0].says("export", "AR-02", "--out", out), UNAVAILABLE, str(out), "choose another folder"
        )
    assert desk_facts(sealed[0]) == before


def test_an_export_onto_a_disk_that_is_read_only_or_full_is_told_and_leaves_nothing(
    sealed: tuple[Terminal, Path], small_disk: Callable[[str], None], tmp_path: Path
) -> None:
    small_disk("size=64k")
    place = tmp_path / "small"
    one_sentence(
        sealed[0].says("export", "AR-02", "--out", place), UNAVAILABLE, str(place), "choose another folder"
    )
    assert list(place.iterdir()) == []
    small_disk("size=64k,ro")
    one_sentence(
        sealed[0].says("export", "AR-02", "--out", place), UNAVAILABLE, str(place), "choose another folder"
    )


# -- JSON --------------------------------------------------------------------------------------------------


#: Every command, once as it succeeds or fails with a desk and a hub, and once as it is misused.
LINES: dict[str, tuple[str, ...]] = {
    "demo": ("demo", "--unattended", "{folder}"),
    "connect": ("connect", "http://127.0.0.1:9", "ABCD-EFGH-JKMN-PQRS"),
    "sync": ("sync",),
    "inbox": ("inbox", "--search", "VN"),
    "show": ("show", "VN-01"),
    "check": ("check", "VN-01"),
    "completeness": ("completeness", "VN-01"),
    "score": ("score", "VN-01", "1", "met"),
    "feedback": ("feedback", "VN-01", "--text", "words"),
    "earlier": ("earlier", "VN-01"),
    "copy": ("copy", "VN-01", "plan.docx", "--out", "{folder}/copies", "--understood"),
    "restore": ("restore", "--preview"),
    "move-rubric": ("move-rubric", "VN-01"),
    "custody": ("custody", "--limit", "auto"),
    "offline": ("offline", "VN-01"),
    "free": ("free", "VN-01"),
    "seal": ("seal", "VN-01"),
    "correct": ("correct", "VN-01"),
    "export": ("export", "VN-01", "--out", "{folder}", "--format", "csv"),
    "decide": ("decide", "VN-01"),
    "release": ("release", "VN-01", "--out", "{folder}"),
    "reviews search": ("reviews", "search", "words"),
    "reviews export": ("reviews", "export", "--out", "{folder}"),
    "cohort": ("cohort", "--out", "{folder}"),
    "notes": ("notes", "VN-01", "--text", "words"),
    "hand-back": ("hand-back", "VN-01"),
    "concern": ("concern", "VN-01", "--kind", "safety", "--text", "words"),
    "phrases list": ("phrases", "list"),
    "phrases import": ("phrases", "import", "{folder}/gone.yaml"),
    "phrases export": ("phrases", "export", "{folder}/phrases.yaml"),
    "identity show": ("identity", "show"),
    "identity request": ("identity", "request", "--out", "{folder}/gone/request.json"),
    "identity import": ("identity", "import", "{folder}/gone.json"),
    "identity renew": ("identity", "renew"),
    "devices list": ("devices", "list"),
    "devices name": ("devices", "name", "A computer"),
    "devices join": ("devices", "join"),
    "devices confirm": ("devices", "confirm"),
    "devices withdraw": ("devices", "withdraw"),
    "devices let-in": ("devices", "let-in", "0"),
    "devices turn-away": ("devices", "turn-away", "0"),
    "devices remove": ("devices", "remove", "0"),
    "devices leave-key": ("devices", "leave-key", "--key-passphrase-file", "{folder}/passphrase.txt"),
    "devices take-back-key": ("devices", "take-back-key"),
    "devices text": ("devices", "text", "VN-01"),
    "devices answer": ("devices", "answer", "VN-01"),
    "co-sign": ("co-sign", "{folder}/passphrase.txt", "--out", "{folder}/co-signed"),
    "badge": ("badge", "VN-01", "--out", "{folder}/badges"),
    "verify": ("verify", "{folder}/passphrase.txt"),
    "rubric check": ("rubric", "check", "{folder}/programme/talk-moves.yaml"),
    "rubric export": ("rubric", "export", "charm", "{folder}/charm.yaml"),
    "rubric import": ("rubric", "import", "{folder}/gone.json", "{folder}/gone.yaml"),
    "preflight": ("preflight", "{folder}/passphrase.txt"),
    "preview": ("preview", "{folder}/passphrase.txt", "--page", "1", "--out", "{folder}/page.png"),
    "hub renditions": ("hub", "--at", "{hub}", "renditions"),
    "hub init": ("hub", "--at", "{hub}", "init", "--title", "T", "--programme", "P"),
    "hub publish": ("hub", "--at", "{hub}", "publish", "{folder}/gone.yaml"),
    "hub import": ("hub", "--at", "{hub}", "import", "{folder}/gone"),
    "hub serve": ("hub", "--at", "{folder}/gone", "serve"),
    "hub status": ("hub", "--at", "{hub}", "status"),
    "hub enrol": ("hub", "--at", "{hub}", "enrol"),
    "hub stick": ("hub", "--at", "{hub}", "stick", "{folder}/gone"),
    "hub people": ("hub", "--at", "{hub}", "people"),
    "hub revoke": ("hub", "--at", "{hub}", "revoke", "P-9"),
    "hub assign": ("hub", "--at", "{hub}", "assign", "VN-01", "--to", "{number}"),
    "hub holds": ("hub", "--at", "{hub}", "holds"),
    "hub lift": ("hub", "--at", "{hub}", "lift", "VN-01"),
    "hub release": ("hub", "--at", "{hub}", "release"),
    "hub notes": ("hub", "--at", "{hub}", "notes", "--out", "{folder}/notes"),
    "hub packets": ("hub", "--at", "{hub}", "packets", "VN-01"),
    "hub case-file": ("hub", "--at", "{hub}", "case-file", "VN-01", "--out", "{folder}/cases"),
    "hub awards": ("hub", "--at", "{hub}", "awards"),
    "hub stamp": ("hub", "--at", "{hub}", "stamp"),
    "hub ca show": ("hub", "--at", "{hub}", "ca", "show"),
    "hub ca sign": (
        "hub",
        "--at",
        "{hub}",
        "ca",
        "sign",
        "{folder}/gone.json",
        "--out",
        "{folder}/answer.json",
    ),
    "hub ca export-root": ("hub", "--at", "{folder}/gone", "ca", "export-root", "{folder}/root"),
    "hub ca renew-issuing": ("hub", "--at", "{folder}/gone", "ca", "renew-issuing", "{folder}/root"),
    "hub ca revoke-issuing": (
        "hub",
        "--at",
        "{folder}/gone",
        "ca",
        "revoke-issuing",
        "{folder}/root",
        "--reason",
        "superseded",
    ),
    "hub ca trust": ("hub", "--at", "{hub}", "ca", "trust", "--out", "{folder}/trust"),
    "hub badge setup": ("hub", "--at", "{hub}", "badge", "setup", "--address", "ftp://no.example"),
    "hub badge issue": ("hub", "--at", "{hub}", "badge", "issue", "--all"),
    "hub badge list": ("hub", "--at", "{hub}", "badge", "list"),
    "hub badge show": ("hub", "--at", "{hub}", "badge", "show", "VN-01"),
    "hub badge revoke": ("hub", "--at", "{hub}", "badge", "revoke", "VN-01", "--reason", "words"),
    "hub badge replace-key": ("hub", "--at", "{hub}", "badge", "replace-key"),
    "hub badge papers": ("hub", "--at", "{hub}", "badge", "papers", "--out", "{folder}/papers"),
    "hub stack check": ("hub", "--at", "{hub}", "stack", "check", "no-such-stack"),
    "hub stack issue": ("hub", "--at", "{hub}", "stack", "issue", "no-such-stack", "--educator", "E-9"),
    "hub backup": ("hub", "--at", "{hub}", "backup", "{folder}/passphrase.txt"),
    "hub restore": ("hub", "--at", "{hub}", "restore", "{folder}/gone"),
    "hub custody": ("hub", "--at", "{hub}", "custody", "--all"),
    "hub hold": ("hub", "--at", "{hub}", "hold", "add", "VN-01"),
    "hub expire": ("hub", "--at", "{hub}", "expire", "--preview"),
    "hub sweep": ("hub", "--at", "{hub}", "sweep", "--preview"),
    "hub limits": ("hub", "--at", "{hub}", "limits"),
    "hub audit": ("hub", "--at", "{hub}", "audit", "--verify"),
    "hub agreement": ("hub", "--at", "{hub}", "agreement", "NO-99", "--given"),
    "hub withdraw-phrases": ("hub", "--at", "{hub}", "withdraw-phrases", "no-such-bank"),
    "hub withdraw": ("hub", "--at", "{hub}", "withdraw", "VN-01", "--from", "P-9"),
}


def _verbs(of: argparse.ArgumentParser, before: str = "") -> Iterator[str]:
    groups = [each for each in of._actions if isinstance(each, argparse._SubParsersAction)]
    if not groups:
        yield before.strip()
    for group in groups:
        for name, inner in group.choices.items():
            yield from _verbs(inner, f"{before} {name}")


def test_every_command_is_in_the_table_above() -> None:
    assert set(_verbs(parser())) == set(LINES)


@pytest.mark.parametrize("name", LINES)
def test_with_json_every_command_prints_one_document_and_nothing_else(
    harbour: Harbour, person: Terminal, name: str
) -> None:
    places = {"folder": str(harbour.folder), "hub": str(harbour.hub), "number": harbour.number}
    words = [word.format(**places) for word in LINES[name]]
    said = person.says(*words)
    assert said.code in (0, REFUSED, UNAVAILABLE, DAMAGED)
    document = said.document
    if isinstance(document, dict) and "error" in document:
        one_sentence(said, said.code)
    misused = person.says(*LINES[name][: 3 if name.startswith("hub") else 1], "--no-such-option")
    assert misused.code == WRONG_USAGE
    assert list(misused.document) == ["error"]


def test_a_desk_that_is_not_there_and_a_passphrase_that_is_not_given_are_told(
    person: Terminal, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = tmp_path / "nowhere"
    one_sentence(person.at(nowhere).says("inbox"), REFUSED, str(nowhere), "connect")
    assert not nowhere.exists()
    with Path(os.devnull).open(encoding="utf-8") as nobody:
        monkeypatch.setattr(sys, "stdin", nobody)
        assert run_command(["inbox", "--desk", str(person.desk), "--json"]) == REFUSED
    out, err = capsys.readouterr()
    assert "--passphrase-file" in json.loads(out)["error"]
    assert PASSPHRASE not in err


def test_no_sentence_is_without_a_kind() -> None:
    """Every error of the program has one of the exit codes."""
    kinds = {DeskError, *DeskError.__subclasses__()}
    assert {kind.__name__ for kind in kinds} >= {"Refused", "Unavailable", "Damaged"}
