"""The verb `earlier`: what was said of the attempt before, and what became of its next steps (F15)."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from assessor_desk.cli.desk_verbs import opened_desk, written
from assessor_desk.cli.naming import criterion_named
from assessor_desk.cli.speaking import command, tell
from assessor_desk.domain.earlier import ADDRESSED_TITLES, Addressed, EarlierAttempt
from assessor_desk.domain.errors import Refused

if TYPE_CHECKING:
    from assessor_desk.desk import Case, Desk


def add(subparsers: Any) -> None:
    """Add the verb."""
    earlier = command(
        subparsers,
        "earlier",
        "show the feedback on the attempt before, and say what became of a next step",
        _earlier,
    )
    earlier.add_argument("submission", metavar="SUBMISSION", help="its key as the inbox lists it, or its id")
    earlier.add_argument(
        "criterion", metavar="CRITERION", nargs="?", help="the criterion whose next step is marked"
    )
    earlier.add_argument("answer", metavar="ANSWER", nargs="?", help=", ".join(Addressed))


def _earlier(args: argparse.Namespace) -> int:
    if args.criterion is None:
        return _show(args)
    if args.answer not in list(Addressed):
        raise Refused(f"Say what became of the next step: {', '.join(Addressed)}")

    def work(desk: Desk, case: Case) -> None:
        criterion = criterion_named(case.rubric, args.criterion)
        desk.mark_earlier_step(case.submission.id, criterion, Addressed(args.answer))

    return written(args, work)


def _show(args: argparse.Namespace) -> int:
    with opened_desk(args) as desk:
        case = desk.case(desk.find(args.submission))
        earlier = case.submission.earlier
        if earlier is None:
            raise Refused(f"Nothing is shown of an attempt before {case.submission.key}")
        news = {one.name: earlier.news_of(one).value for one in case.submission.shown}
        told = {"attempt": earlier.attempt, "artifacts": news, "feedback": None}
        if earlier.feedback:
            told["feedback"] = asdict(earlier.feedback)
            told["marked"] = dict(case.review.earlier_steps)
        tell(args, told, _lines(case, earlier, news))
    return 0


def _lines(case: Case, earlier: EarlierAttempt, news: dict[str, str]) -> Iterator[str]:
    yield f"Attempt {earlier.attempt} came before {case.submission.key}."
    for name, how in news.items():
        yield f"  {name}: {how}"
    if earlier.feedback is None:
        yield "The programme does not show what was said of it."
        return
    yield f"It was decided: {earlier.feedback.outcome.replace('_', ' ')}. {earlier.feedback.overall}".strip()
    for step in earlier.feedback.steps():
        answer = case.review.earlier_steps.get(step.criterion)
        marked = ADDRESSED_TITLES[answer].lower() if answer else "not marked"
        yield f"  {step.title} ({step.level_title}): {step.next_step} [{marked}]"
