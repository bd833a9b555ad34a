"""Decided feedback for tests of reports: of the sample submission, with each of the three outcomes.

report = a_report()                                          # not yet: criterion 2 is below passing
report = a_report(EARNED) · a_report(INCOMPLETE)
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from tests.packets.building import a_review, packet_facts, shipped_policy, shipped_rubric

from assessor_desk.domain.programme_look import ProgrammeLook
from assessor_desk.domain.rubric import Outcome
from assessor_desk.domain.submission import ReasonCode
from assessor_desk.packets.documents import canonical, feedback
from assessor_desk.places import resources
from assessor_desk.reports.feedback_report import FeedbackReport, feedback_report
from assessor_desk.rubric_files import load_look

EARNED, NOT_YET, INCOMPLETE = Outcome.EARNED, Outcome.NOT_YET, Outcome.INCOMPLETE
DECIDED_AT = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
RELEASED_ON = date(2026, 11, 21)
INCOMPLETE_WORDS = (
    "The lesson video stops after the first question, and page two of the plan cannot be opened. Please send both "
    "again as they were recorded and written; everything else that was asked for is here and can stay as it is."
)


@cache
def shipped_look() -> ProgrammeLook:
    """The look of the sample programme."""
    return load_look(resources() / "looks" / "lakeside.yaml")


def some_feedback(outcome: Outcome = NOT_YET, **changes: Any) -> dict[str, Any]:
    """A decision's feedback.json; keyword arguments replace its parts."""
    missing = (ReasonCode.MISSING_PART.value, ReasonCode.UNREADABLE.value)
    review = a_review("r", below="" if outcome is EARNED else "elicits-evidence")
    if outcome is INCOMPLETE:
        review = replace(review, completeness=missing, overall=INCOMPLETE_WORDS)
    document = feedback(packet_facts(review=review))
    recommended = document.pop("recommendation")
    assert recommended == outcome.value
    return {**document, "outcome": recommended, **changes}


def feedback_json(outcome: Outcome = NOT_YET, **changes: Any) -> bytes:
    """The same as canonical JSON."""
    return canonical(some_feedback(outcome, **changes))


def a_report(outcome: Outcome = NOT_YET, **changes: Any) -> FeedbackReport:
    """The report of `some_feedback`; keyword arguments replace what `feedback_report` is given."""
    given: dict[str, Any] = {
        "feedback": some_feedback(outcome),
        "rubric": shipped_rubric(),
        "policy": shipped_policy(),
        "look": shipped_look(),
        "decided_at": DECIDED_AT,
        "released_on": RELEASED_ON,
        "sealed_by": "R-0207",
        "assessors": 1,
        "attempt": 2,
    }
    return feedback_report(**{**given, **changes})
