"""The load generator: what it says of lost, doubled and failed requests is so, in both homes, with a process killed."""

import pytest
from tests.beyond import missing
from tests.load.__main__ import main

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]
SMALL = [
    "--assessors",
    "40",
    "--submissions",
    "1000",
    "--artifacts",
    "2",
    "--deliveries",
    "6",
    "--seconds",
    "4",
]


def test_an_evening_on_one_machine_loses_and_refuses_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SMALL, "--runs", "folder-1", "--slope-homes"]) == 0
    told = capsys.readouterr().out
    assert "nothing lost, nothing twice" in told
    assert told.count(" 0 errors") == 2
    for kind in ("quiet round", "all anew", "file", "delivery"):
        assert f"| evening: {kind}" in told


@pytest.mark.skipif(bool(missing()), reason=missing())
def test_an_evening_with_a_process_killed_amid_it_loses_and_doubles_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([*SMALL, "--runs", "beyond-2", "--slope-homes"]) == 0
    told = capsys.readouterr().out
    assert "one process killed amid it" in told
    assert "nothing lost, nothing twice" in told
