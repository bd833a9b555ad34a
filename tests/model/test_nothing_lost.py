"""Whatever happens to desks, hub, stick and the network between: once it is quiet all agree and nothing is lost.

A scenario that fails is told as sentences, made as short as it can be. It comes again with the test's own name, or by
`.venv/bin/python -m tests.model --seed SEED` (see docs/testing.md).
"""

import pytest
from tests.model.running import run
from tests.model.scenario import census
from tests.model.wire import KINDS

#: So many scenarios make one test of the long run, whose time has a limit.
SHARD = 200


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in (2, 3))])
def test_a_hundred_scenarios_end_in_agreement(seed: int) -> None:
    run(seed, 100, 6)
    print(f"\n{dict(census.most_common())}")
    for happened in ("finishes", "corrects", "is put back", "is swept", "restarts", "is withdrawn"):
        assert census[happened], f"{happened} never came"
    assert sum(census[kind] for kind in KINDS) > 5


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(10_000 // SHARD))
def test_ten_thousand_scenarios_end_in_agreement(seed: int) -> None:
    run(seed, SHARD, 25)
    print(f"\n{dict(census.most_common())}")
