"""How a run is shared out between processes (`tests.spreading`)."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from tests import spreading


def test_every_file_that_is_named_is_there_and_goes_with_one_group_alone(root: Path) -> None:
    named = [*spreading._FIRST, *(file for files in spreading._TOGETHER.values() for file in files)]
    assert [file for file in named if not (root / "tests" / f"{file}.py").is_file()] == []
    assert len(spreading._COMMON) == sum(map(len, spreading._TOGETHER.values()))


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("desk/test_cohort", "desk/test_nothing_leaks", True),
        ("desk/test_cohort", "domain/test_cohort", False),
        ("desk/test_desk", "desk/test_nothing_leaks", False),
        ("desk/test_desk", "desk/test_desk", True),
    ],
)
def test_files_that_share_a_fixture_are_one_to_whoever_spreads_them(
    one: str, other: str, together: bool
) -> None:
    turns = {spreading.turn_of(f"tests/{file}.py::test_{n}[x]") for n, file in enumerate((one, other))}
    assert (len(turns) == 1) is together


def test_the_longest_begin_with_what_goes_with_them_and_nothing_is_left_out() -> None:
    files = ["desk/test_desk", "journey/test_two_trips", "domain/test_rubric", "model/test_nothing_lost"]
    items = [SimpleNamespace(nodeid=f"tests/{file}.py::test_x") for file in files]
    spreading.longest_first(items)  # type: ignore[arg-type]
    places = [files.index(item.nodeid[6:-11]) for item in items]
    assert places == [3, 1, 0, 2]
