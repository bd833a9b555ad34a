"""Whatever happens to desks, their hub and the network between: once it is quiet all agree and nothing is lost.

A scenario that fails is told as sentences, made as short as it can be. It comes again with the test's own name, or by
`.venv/bin/python -m tests.model --towns network --seed SEED` (see docs/testing.md).
"""

import pytest
from tests.model.running import SHARD, run
from tests.model.scenario import BY_NETWORK, census
from tests.model.wire import KINDS


@pytest.mark.timeout(900)
def test_a_hundred_scenarios_by_network_end_in_agreement() -> None:
    run(1, 100, 6, towns=BY_NETWORK)
    for happened in (
        "finishes",
        "corrects",
        "is put back",
        "is swept",
        "restarts",
        "moves",
        "frees",
    ):
        assert census[happened], f"{happened} never came"
    assert sum(census[f"fault: {kind}"] for kind in KINDS) > 5


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(4_000 // SHARD))
def test_four_thousand_scenarios_by_network_end_in_agreement(seed: int) -> None:
    run(seed, SHARD, 25, towns=BY_NETWORK)
