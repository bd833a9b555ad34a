"""The same where somebody has two computers: both hold what was written on either, and make the same review of it."""

import pytest
from tests.model.running import SHARD, run
from tests.model.scenario import TWO_COMPUTERS, census


@pytest.mark.timeout(900)
def test_a_hundred_scenarios_on_two_computers_end_in_agreement() -> None:
    run(3, 100, 6, towns=TWO_COMPUTERS)
    for happened in ("finishes", "corrects", "restarts", "is revoked"):
        assert census[happened], f"{happened} never came"


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(3_000 // SHARD))
def test_three_thousand_scenarios_on_two_computers_end_in_agreement(seed: int) -> None:
    run(seed, SHARD, 25, towns=TWO_COMPUTERS)
