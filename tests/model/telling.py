"""What happened in a run of scenarios, told in a few lines: how many, what was done, which faults were met."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

#: Under which name a test hands its census to whoever sums up the run.
CENSUS = "census of scenarios"


def lines_of(census: Mapping[str, int]) -> list[str]:
    """The lines; none where there was no scenario."""
    if not census.get("scenario"):
        return []
    counted = Counter(census)
    towns = _taken(counted, "scenario: ")
    faults = _taken(counted, "fault: ")
    told = [f"{counted.pop(name, 0):,} {name}s" for name in ("scenario", "step", "round", "quiet round")]
    return [
        f"Scenarios of the model: {', '.join(told)}, {sum(faults.values()):,} faults",
        *_listed("Who took part", towns), *_listed("Faults", faults), *_listed("What happened", counted),
    ]  # fmt: skip


def _taken(counts: Counter[str], beginning: str) -> dict[str, int]:
    """Out of these all whose names begin so, by the rest of their names."""
    named = [name for name in counts if name.startswith(beginning)]
    return {name.removeprefix(beginning): counts.pop(name) for name in named}


def _listed(title: str, counts: Mapping[str, int]) -> Iterator[str]:
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    yield f"  {title}: {'; '.join(f'{name} {times:,}' for name, times in ordered if times)}"
