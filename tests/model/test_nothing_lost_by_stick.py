"""The same with a stick that is carried between a desk and the hub, and spoilt on the way."""

import pytest
from tests.model.running import SHARD, run
from tests.model.scenario import SPOILT, WITH_A_STICK, census


@pytest.mark.timeout(900)
def test_a_hundred_scenarios_with_a_stick_end_in_agreement() -> None:
    run(2, 100, 6, towns=WITH_A_STICK)
    for how in SPOILT:
        assert census[f"fault: stick {how}"], f"the stick was never {how}"


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(3_000 // SHARD))
def test_three_thousand_scenarios_with_a_stick_end_in_agreement(seed: int) -> None:
    run(seed, SHARD, 25, towns=WITH_A_STICK)
