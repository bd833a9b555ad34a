"""Running scenarios from a seed: the same seed brings the same ones."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.internal.conjecture.engine import ConjectureRunner
from hypothesis.stateful import run_state_machine_as_test
from tests.model.scenario import EVERYWHERE, Scenario

Towns = tuple[tuple[str, ...], ...]
#: So many scenarios make one test of the long run, whose time has a limit.
SHARD = 200

_PHASES = (Phase.explicit, Phase.generate, Phase.shrink)


def run(
    number: int,
    scenarios: int,
    steps: int,
    shorten: bool = True,
    towns: Towns = EVERYWHERE,
) -> None:
    """That many scenarios of at most so many steps, in one of these towns each.

    One that fails is made as short as it can be, and told.
    """
    chosen = settings(
        max_examples=scenarios, stateful_step_count=steps, deadline=None, database=None, derandomize=False,
        print_blob=False, phases=_PHASES if shorten else _PHASES[:2], report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck), verbosity=Verbosity.normal,
    )  # fmt: skip
    machine = seed(number)(type("Scenario", (Scenario,), {"towns": towns}))
    with pytest.MonkeyPatch.context() as patch:
        # Half of what it makes would else be what it made before with a stretch of it repeated.
        patch.setattr(ConjectureRunner, "generate_mutations_from", lambda *_: None)
        run_state_machine_as_test(machine, settings=chosen)
