"""`rubric export` and `rubric import`: from the desk or the program to a file, from what was published to YAML."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tests.cli.conftest import Say

from assessor_desk.desk import Desk
from assessor_desk.domain.changes import Published, SourceChanges
from assessor_desk.places import rubrics
from assessor_desk.rubric_files import load_rubric, rubric_to_json, rubric_to_yaml

MATH = load_rubric(rubrics() / "formative-assessment-math.yaml")


@pytest.fixture
def on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[object, ...]:
    """The words that name a desk: the source has published the math rubric there in two versions of other words."""
    monkeypatch.setenv("ASSESSOR_DESK_PASSPHRASE", "demo")
    desk, _ = Desk.create(tmp_path / "desk", "demo")
    versions = [replace(MATH, version=version, title=f"Ours, {version}") for version in ("7", "8")]
    published = tuple(Published(one.id, one.version, rubric_to_json(one), b"") for one in versions)
    desk.store.accept(SourceChanges("c1", rubrics=published))
    desk.close()
    return ("--desk", tmp_path / "desk")


def test_a_rubric_that_comes_with_the_program_is_exported_without_a_desk(say: Say, tmp_path: Path) -> None:
    done = say("rubric", "export", MATH.id, tmp_path / "math.yaml", "--desk", tmp_path / "none", "--json")
    assert (done.code, done.document["version"]) == (0, MATH.version)
    assert say("rubric", "check", tmp_path / "math.yaml").code == 0
    assert load_rubric(tmp_path / "math.yaml") == MATH


def test_the_desks_own_version_is_exported(say: Say, tmp_path: Path, on: tuple[object, ...]) -> None:
    assert say("rubric", "export", f"{MATH.id}@8", tmp_path / "ours.json", *on).code == 0
    assert load_rubric(tmp_path / "ours.json").title == "Ours, 8"
    assert say("rubric", "export", f"{MATH.id}@{MATH.version}", tmp_path / "theirs.yaml", *on).code == 0
    assert load_rubric(tmp_path / "theirs.yaml") == MATH


def test_of_several_versions_one_must_be_named(say: Say, tmp_path: Path, on: tuple[object, ...]) -> None:
    done = say("rubric", "export", MATH.id, tmp_path / "ours.yaml", *on)
    assert (done.code, done.err) == (
        1, f"The desk has several versions of “{MATH.id}”. Write one of {MATH.id}@7, {MATH.id}@8.\n"
    )  # fmt: skip


@pytest.mark.parametrize("named", ["charm", f"{MATH.id}@0", ""])
def test_an_unknown_rubric_is_refused_naming_those_there_are(say: Say, tmp_path: Path, named: str) -> None:
    done = say("rubric", "export", named, tmp_path / "it.yaml", "--desk", tmp_path / "none")
    assert done.code == 1
    assert f"There is no rubric “{named}”; there are {MATH.id}@{MATH.version}" in done.err
    assert not (tmp_path / "it.yaml").exists()


def test_a_published_rubric_becomes_yaml_that_can_be_published_under_another_version(
    say: Say, tmp_path: Path
) -> None:
    (tmp_path / "rubric.json").write_bytes(rubric_to_json(MATH))
    assert say("rubric", "import", tmp_path / "rubric.json", tmp_path / "mine.yaml").code == 0
    assert (tmp_path / "mine.yaml").read_text(encoding="utf-8") == rubric_to_yaml(MATH)
    assert say("rubric", "check", tmp_path / "mine.yaml").code == 0


def test_a_faulty_rubric_is_not_imported(say: Say, tmp_path: Path) -> None:
    published = rubric_to_json(MATH).replace(b'"passing":"demonstrated"', b'"passing":"gone"', 1)
    (tmp_path / "rubric.json").write_bytes(published)
    done = say("rubric", "import", tmp_path / "rubric.json", tmp_path / "mine.yaml")
    assert done.code == 1
    assert "rubric.json, line 1, criterion" in done.err
    assert "the passing level “gone” is none of" in done.err
    assert not (tmp_path / "mine.yaml").exists()


@pytest.mark.parametrize("name", ["mine.json", "mine"])
def test_an_import_makes_yaml_alone(say: Say, tmp_path: Path, name: str) -> None:
    shutil.copy(rubrics() / "formative-assessment-math.yaml", tmp_path / "other.yaml")
    done = say("rubric", "import", tmp_path / "other.yaml", tmp_path / name)
    assert (done.code, "ends in .yaml" in done.err) == (1, True)


def test_a_rubric_is_never_written_over_a_file(say: Say, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("my work", encoding="utf-8")
    done = say("rubric", "export", MATH.id, tmp_path / "mine.yaml", "--desk", tmp_path / "none")
    assert (done.code, "is there already" in done.err) == (1, True)
    assert (tmp_path / "mine.yaml").read_text(encoding="utf-8") == "my work"
