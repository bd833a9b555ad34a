"""The measures still run, and their arithmetic is right. Nothing here says how fast anything is."""

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def harness() -> ModuleType:
    """The harness of the benchmarks."""
    path = Path(__file__).resolve().parents[1] / "benchmarks" / "harness.py"
    spec = importlib.util.spec_from_file_location("harness_under_test", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _bench(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, root / "tests" / "benchmarks", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=110)


@pytest.mark.parametrize("name", ["key_press", "packet", "first_page"])
def test_each_measure_still_runs(root: Path, name: str) -> None:
    done = _bench(root, "--quick", name)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("×  ≤") >= 1, done.stdout
    assert done.stderr == ""


@pytest.mark.long
@pytest.mark.parametrize("name", ["start_up", "cohort", "inbox"])
def test_each_slower_measure_still_runs(root: Path, name: str) -> None:
    test_each_measure_still_runs(root, name)


def test_an_unknown_measure_is_told(root: Path) -> None:
    done = _bench(root, "speed_of_light")
    assert done.returncode == 2
    assert "There is no measure speed_of_light; there are start_up, key_press" in done.stderr


def test_floor_and_ours_take_turns_and_the_first_turn_does_not_count(harness: ModuleType) -> None:
    turns: list[str] = []
    floor, ours = iter([9.0, 1.0, 2.0, 3.0]), iter([9.0, 4.0, 8.0, 6.0])

    def next_of(name: str, times: Iterator[float]) -> float:
        turns.append(name)
        return next(times)

    measure = harness.Measure("m", lambda: next_of("floor", floor), lambda: next_of("ours", ours), 2.5, 3)
    result = harness.run(measure)
    assert turns == ["floor", "ours"] * 4
    assert result.ratio == 6.0 / 2.0
    assert list(harness.rows(result))[-1] == "missed"


def test_a_measure_within_its_ratio_can_still_miss_its_slowest_turns(harness: ModuleType) -> None:
    measure = harness.Measure("m", float, float, 6, 4, limit_ms=10)
    swift = harness.Result(measure, (0.001,) * 4, (0.002,) * 4)
    once_slow = harness.Result(measure, (0.001,) * 4, (0.002, 0.002, 0.002, 0.5))
    assert list(harness.rows(swift))[-1] == "met"
    assert list(harness.rows(once_slow))[-1] == "missed"


def test_a_program_that_never_says_the_word_is_no_measure(harness: ModuleType) -> None:
    with pytest.raises(RuntimeError, match="“painted” said: False"):
        harness.seconds_until("painted", "-c", "print('something else')")
