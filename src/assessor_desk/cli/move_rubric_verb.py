"""The verb `move-rubric`: an open review moved to its rubric as published since, with a preview of what changes."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from assessor_desk.cli.desk_verbs import opened_desk
from assessor_desk.cli.speaking import command, tell
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.republished import CriterionMove, RubricMove, ScoreAfter

if TYPE_CHECKING:
    from assessor_desk.desk import Case

_SCORES = {
    ScoreAfter.CARRIED: "its score “{level}” stays",
    ScoreAfter.AGAIN: "its score “{level}” is to be given again",
    ScoreAfter.KEPT: "its score “{level}” is kept and counts no more",
}


def add(subparsers: Any) -> None:
    """Add the verb."""
    move = command(
        subparsers, "move-rubric", "move an open review to its rubric as published since", _move_rubric
    )
    move.description = (
        "A review stays on the version of its rubric that it was assigned with. This moves it to the version that the "
        "programme published last: texts and anchors stay with their criteria, a level chosen on other words is to be "
        "given again, what was done on a criterion that is gone is kept and counts no more. One step, which undo in "
        "the window takes back."
    )
    move.add_argument("submission", metavar="SUBMISSION", help="its key as the inbox lists it, or its id")
    move.add_argument("--preview", action="store_true", help="say what would change, and change nothing")


def _move_rubric(args: argparse.Namespace) -> int:
    with opened_desk(args) as desk:
        case = desk.case(desk.find(args.submission))
        move = _offered(case)
        if not args.preview:
            desk.move_rubric(case.submission.id, move.after)
        tell(args, move_document(case, move, moved=not args.preview), _lines(move, moved=not args.preview))
    return 0


def _offered(case: Case) -> RubricMove:
    offer = case.offer
    if case.read_only:
        raise Refused(
            f"The review of {case.submission.key} is closed and stays on version {case.rubric.version}"
        )
    if offer is None or offer.move is None:
        raise Refused(
            f"The rubric of {case.submission.key} was not published anew since version {case.rubric.version}"
        )
    return offer.move


def move_document(case: Case, move: RubricMove, *, moved: bool) -> dict[str, Any]:
    """What it changes, for a program."""
    assert case.offer is not None
    return {
        "submission": case.submission.key,
        "rubric": move.rubric_id,
        "from": move.before,
        "to": move.after,
        "policy": case.offer.policy.value,
        "moved": moved,
        "again": list(move.again),
        "criteria": [_criterion(one) for one in move.criteria],
    }


def _criterion(one: CriterionMove) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.title,
        "change": one.change.value,
        "score": one.score.value,
        "level_before": one.level_before,
        "anchors": one.anchors,
        "texts": {field.value: words for field, words in one.texts},
        "rewordings": [
            {"place": each.place, "before": each.before, "after": each.after} for each in one.rewordings
        ],
    }


def _lines(move: RubricMove, *, moved: bool) -> Iterator[str]:
    yield f"{'Moved' if moved else 'Would move'} from version {move.before} to version {move.after}."
    for number, one in enumerate(move.criteria, start=1):
        told = [one.change.value]
        if one.score is not ScoreAfter.NONE:
            told.append(_SCORES[one.score].format(level=one.level_before))
        yield f"{number}. {one.title}: {'; '.join(told)}"
        for each in one.rewordings:
            yield f"     {each.place}: {each.before or '–'} → {each.after or '–'}"
