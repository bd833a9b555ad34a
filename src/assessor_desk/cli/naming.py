"""What a person calls a criterion or a level on the command line, found in the rubric."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assessor_desk.domain.errors import Refused
from assessor_desk.domain.rubric import Criterion, PerformanceLevel, Rubric


def criterion_named(rubric: Rubric, wanted: str) -> str:
    """The id of a criterion from its id, its number in the rubric, its title, or the beginning of either.

    Raises Refused, naming those there are, for an unknown one, and for a beginning that several have.
    """
    exact = [one.id for one in rubric.criteria if one.id == wanted]
    by_number = [one.id for number, one in enumerate(rubric.criteria, start=1) if str(number) == wanted]
    found = exact or by_number or _by_words(rubric.criteria, wanted)
    return _only(found, rubric.criteria, wanted, "criteria") or rubric.criterion(wanted).id


def level_named(criterion: Criterion, wanted: str) -> str:
    """The id of a performance level from its id, its title, or the beginning of either; raises as above."""
    found = [one.id for one in criterion.levels if one.id == wanted] or _by_words(criterion.levels, wanted)
    return _only(found, criterion.levels, wanted, "levels") or criterion.level(wanted).id


def _by_words(things: Sequence[Criterion | PerformanceLevel], wanted: str) -> list[str]:
    """Those called so, whatever the case; else those whose id or title begins so."""
    word = wanted.strip().casefold()

    def those(fits: Callable[[str], bool]) -> list[str]:
        return [one.id for one in things if fits(one.id.casefold()) or fits(one.title.casefold())]

    return those(lambda name: name == word) or (those(lambda name: name.startswith(word)) if word else [])


def _only(found: list[str], things: Sequence[Criterion | PerformanceLevel], wanted: str, what: str) -> str:
    """The one that was found, empty for none. Raises Refused for several."""
    if len(found) > 1:
        several = ", ".join(f"{one.id} ({one.title})" for one in things if one.id in found)
        raise Refused(f"“{wanted}” fits several {what}: {several}. Write more of it")
    return found[0] if found else ""
