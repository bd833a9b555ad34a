"""Rubric and policy files: what is wrong is said with file, line and criterion."""

from pathlib import Path

import pytest

from assessor_desk.domain.errors import Damaged, Refused, sentence
from assessor_desk.domain.policy import CheckState, Policy
from assessor_desk.domain.rubric import Outcome, Rubric
from assessor_desk.places import resources, rubrics
from assessor_desk.rubric_files import (
    FaultyFile,
    load_policy,
    load_rubric,
    load_rubric_or_policy,
    policy_from_json,
    policy_to_json,
    rubric_from_json,
    rubric_to_json,
)

SHIPPED = sorted(rubrics().glob("*.yaml"))
POLICIES = sorted((resources() / "policies").glob("*.yaml"))
MATH = rubrics() / "formative-assessment-math.yaml"


def edited(tmp_path: Path, old: str, new: str) -> Path:
    text = MATH.read_text(encoding="utf-8")
    assert old in text
    target = tmp_path / "edited.yaml"
    target.write_text(text.replace(old, new, 1), encoding="utf-8")
    return target


def faults(path: Path) -> str:
    with pytest.raises(FaultyFile) as caught:
        load_rubric(path)
    return "\n".join(map(str, caught.value.faults))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_rubric_survives_publication(path: Path) -> None:
    rubric = load_rubric(path)
    published = rubric_to_json(rubric)
    assert rubric_from_json(published) == rubric
    assert rubric_to_json(rubric_from_json(published)) == published


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_a_shipped_policy_survives_publication(path: Path) -> None:
    policy = load_policy(path)
    assert policy_from_json(policy_to_json(policy)) == policy


def test_either_kind_of_file_is_told_by_its_content() -> None:
    assert isinstance(load_rubric_or_policy(MATH), Rubric)
    assert isinstance(load_rubric_or_policy(POLICIES[0]), Policy)


def test_a_check_that_a_policy_does_not_mention_keeps_the_fields_default(tmp_path: Path) -> None:
    path = tmp_path / "short.yaml"
    path.write_text(
        "id: short\nversion: '1'\ntitle: Short\nprogramme: P\nchecks: {F12: block}\n", encoding="utf-8"
    )
    policy = load_policy(path)
    assert policy.check_state("F12") is CheckState.BLOCK
    assert policy.check_state("F10") is CheckState.BLOCK_UNLESS_REASON


def test_a_duplicate_level_is_named_with_file_line_and_criterion(tmp_path: Path) -> None:
    said = faults(edited(tmp_path, "- id: progressing", "- id: not-met"))
    line = MATH.read_text(encoding="utf-8").splitlines().index("      - id: progressing") + 1
    assert f"edited.yaml, line {line}, criterion “" in said
    assert "the level “not-met” is given twice" in said


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("passing: demonstrated", "passing: perfect", "the passing level “perfect” is none of"),
        ("passing: demonstrated", "passing: not-met", "the lowest level cannot be the passing one"),
        ("criteria: [plans-checks]", "criteria: [plans-cheks]", "there is no criterion “plans-cheks”"),
        ("title: Lesson plan", "titel: Lesson plan", "“title” is missing"),
        ("sample: true", "sample: perhaps", "must be true or false"),
        ("id: overview", "id: Overview!", "“Overview!” is not a valid id"),
        ("evidence:", "evidence: []\nmore:", "“evidence” needs at least 1"),
        ('version: "2026.1"', "version: 2026.1", "must be text"),
        ("components:", "components:\n  - [", "expected"),
        ("issuer:", "title: Twice\nissuer:", "twice"),
    ],
)
def test_each_fault_is_a_clear_sentence(tmp_path: Path, old: str, new: str, words: str) -> None:
    said = faults(edited(tmp_path, old, new))
    assert words in said
    assert "edited.yaml, line " in said


def test_all_faults_are_told_at_once_in_order(tmp_path: Path) -> None:
    path = edited(tmp_path, "sample: true", "sample: perhaps")
    path.write_text(
        path.read_text(encoding="utf-8").replace("title: Lesson plan", "titel: x", 1), encoding="utf-8"
    )
    with pytest.raises(FaultyFile, match="more") as caught:
        load_rubric(path)
    lines = [fault.line for fault in caught.value.faults]
    assert len(lines) >= 3
    assert lines == sorted(lines)


def test_a_missing_or_unreadable_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="There is no file"):
        load_rubric(tmp_path / "nowhere.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Refused, match=r"bytes\.yaml"):
        load_rubric(tmp_path / "bytes.yaml")


@pytest.mark.parametrize("data", [b"", b"[]", b'{"id": 1}', b'{"colour": "red"}', b"\xff"])
def test_damaged_publications_are_told_as_damage(data: bytes) -> None:
    with pytest.raises(Damaged) as caught:
        rubric_from_json(data)
    assert "rubric" in sentence(caught.value)


def test_one_criterion_below_passing_means_not_yet() -> None:
    rubric = load_rubric(MATH)
    levels = {criterion.id: criterion.passing for criterion in rubric.criteria}
    assert rubric.outcome(levels) is Outcome.EARNED
    first = rubric.criteria[0]
    assert rubric.outcome({**levels, first.id: first.levels[0].id}) is Outcome.NOT_YET
    assert rubric.outcome({first.id: first.passing}) is None


def test_an_unknown_level_or_criterion_is_refused_with_what_there_is() -> None:
    rubric = load_rubric(MATH)
    with pytest.raises(Refused, match="its levels are not-met, progressing, demonstrated"):
        rubric.criteria[0].level("brilliant")
    with pytest.raises(Refused, match="its criteria are"):
        rubric.criterion("charm")
