"""A criterion or level as a person calls it: exactly, or by a beginning that no other has."""

import pytest

from assessor_desk.cli.naming import criterion_named, level_named
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.rubric import Criterion, DecisionRule, PerformanceLevel, Rubric, StandardSetting


def _criterion(own_id: str, title: str) -> Criterion:
    levels = (
        PerformanceLevel("not-met", "Not met", "-"),
        PerformanceLevel("met", "Met", "-"),
        PerformanceLevel("met-well", "Exceeded", "-"),
        PerformanceLevel("2", "Meteoric", "-"),
    )
    return Criterion(own_id, title, levels, "met")


RUBRIC = Rubric(
    id="talk",
    version="1",
    title="Talk",
    issuer="Board",
    competency="-",
    key_method="-",
    components=(),
    research=(),
    resources=(),
    evidence=(),
    criteria=(
        _criterion("waits", "Waits for thinking"),
        _criterion("waits-longer", "Hands ideas on"),
        _criterion("1", "Builds on ideas"),
        _criterion("hears", "Hands"),
    ),
    decision_rule=DecisionRule("every"),
    standard_setting=StandardSetting("sample", "-"),
)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("waits", "waits"),  # though another begins so
        ("1", "1"),  # an id before a number
        ("2", "waits-longer"),
        ("hands", "hears"),  # a title, though another begins so
        ("HANDS IDEAS ON", "waits-longer"),
        ("waits-l", "waits-longer"),
        ("bui", "1"),
        (" builds ", "1"),
    ],
)
def test_a_criterion_is_found(wanted: str, found: str) -> None:
    assert criterion_named(RUBRIC, wanted) == found


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("met", "met"),
        ("Met", "met"),
        ("met-", "met-well"),
        ("ex", "met-well"),
        ("2", "2"),
        ("not met", "not-met"),
    ],
)
def test_a_level_is_found(wanted: str, found: str) -> None:
    assert level_named(RUBRIC.criteria[0], wanted) == found


def test_a_beginning_that_several_have_is_refused_naming_them() -> None:
    with pytest.raises(Refused) as told:
        criterion_named(RUBRIC, "wait")
    assert str(told.value) == (
        "“wait” fits several criteria: waits (Waits for thinking), waits-longer (Hands ideas on). Write more of it"
    )
    with pytest.raises(
        Refused, match=r"“me” fits several levels: met \(Met\), met-well \(Exceeded\), 2 \(Meteoric\)"
    ):
        level_named(RUBRIC.criteria[0], "me")


@pytest.mark.parametrize("wanted", ["", " ", "charm", "9"])
def test_an_unknown_name_is_refused_naming_those_there_are(wanted: str) -> None:
    with pytest.raises(Refused, match="waits, waits-longer, 1, hears"):
        criterion_named(RUBRIC, wanted)
    with pytest.raises(Refused, match="not-met, met, met-well, 2"):
        level_named(RUBRIC.criteria[0], wanted)
