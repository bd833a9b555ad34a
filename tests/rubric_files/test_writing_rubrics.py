"""Rubrics out and in: what is written is read back as the same rubric."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor_desk.domain.errors import Refused
from assessor_desk.domain.rubric import DecisionRule, Rubric
from assessor_desk.places import rubrics
from assessor_desk.rubric_files import (
    load_rubric,
    rubric_from_json,
    rubric_to_json,
    rubric_to_yaml,
    write_rubric,
)

SHIPPED = [load_rubric(path) for path in sorted(rubrics().glob("*.yaml"))]
MATH = SHIPPED[0]


@pytest.mark.parametrize("suffix", [".yaml", ".yml", ".json", ".JSON"])
@pytest.mark.parametrize("rubric", SHIPPED, ids=lambda rubric: rubric.id)
def test_a_written_rubric_is_read_back_as_the_same(tmp_path: Path, rubric: Rubric, suffix: str) -> None:
    write_rubric(rubric, tmp_path / f"copy{suffix}")
    assert rubric_to_json(load_rubric(tmp_path / f"copy{suffix}")) == rubric_to_json(rubric)


def test_json_is_written_as_it_is_published(tmp_path: Path) -> None:
    write_rubric(MATH, tmp_path / "copy.json")
    assert (tmp_path / "copy.json").read_bytes() == rubric_to_json(MATH)
    assert rubric_from_json((tmp_path / "copy.json").read_bytes()) == MATH


def test_yaml_is_written_for_people(tmp_path: Path) -> None:
    lines = rubric_to_yaml(MATH).splitlines()
    assert lines[0] == f"# {MATH.title}, version {MATH.version}, by {MATH.issuer}."
    assert lines[2:5] == [f"id: {MATH.id}", f"version: '{MATH.version}'", f"title: {MATH.title}"]
    assert max(map(len, lines)) <= 120
    assert "near_miss: ''" not in lines


words = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), min_size=1, max_size=300
)


SMALL = replace(
    MATH, research=(), resources=(), criteria=MATH.criteria[:1], decision_rule=DecisionRule("at_least", 1),
    evidence=(replace(MATH.evidence[0], criteria=(MATH.criteria[0].id,)),),
)  # fmt: skip


@settings(max_examples=50)
@given(title=words, competency=words, component=words)
def test_any_words_survive(
    tmp_path_factory: pytest.TempPathFactory, title: str, competency: str, component: str
) -> None:
    path = tmp_path_factory.mktemp("any") / "copy.yaml"
    rubric = replace(SMALL, title=title, competency=competency, components=(component,))
    write_rubric(rubric, path)
    assert load_rubric(path) == rubric


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("my work", encoding="utf-8")
    with pytest.raises(Refused, match="is there already"):
        write_rubric(MATH, path)
    assert path.read_text(encoding="utf-8") == "my work"


@pytest.mark.parametrize("name", ["rubric", "rubric.txt", "rubric.yaml.bak"])
def test_a_name_that_says_no_format_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match=r"ends in \.yaml or \.json"):
        write_rubric(MATH, tmp_path / name)
    assert not list(tmp_path.iterdir())
