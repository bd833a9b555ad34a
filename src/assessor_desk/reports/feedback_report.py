"""What a feedback report says, made once from a decision's feedback, so that PDF, DOCX and HTML say the same.

Only feedback leaves: what is not named here of a decision (rationale, notes, who assessed) cannot come into a report.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from assessor_desk.domain.anchor import from_json
from assessor_desk.domain.anchor import words as place_in_words
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.policy import Policy
from assessor_desk.domain.programme_look import ProgrammeLook
from assessor_desk.domain.rubric import Criterion, Outcome, Rubric

from .content import Detail, Point
from .saying import SAMPLE_NOTICE, criteria, day, listed, number, sentence, short_title, standing

STARTS = {Outcome.EARNED: "Earned.", Outcome.NOT_YET: "Not yet earned.", Outcome.INCOMPLETE: "Incomplete."}
INCOMPLETE_LEAD = (
    "This report is about what was handed in, not about you. "
    "It was checked for completeness alone; nothing was scored."
)


@dataclass(frozen=True, slots=True)
class CriterionFeedback:
    """One criterion as decided. `cited` names the evidence shortly, a line an artifact; `evidence` each place.

    `next_level` and its `next_descriptor` are empty at the highest level.
    """

    number: int
    title: str
    level: str
    passed: bool
    passing_level: str
    descriptor: str
    cited: tuple[str, ...]
    evidence: tuple[str, ...]
    strength: str
    next_step: str
    would_show: str
    extension: str
    next_level: str
    next_descriptor: str


@dataclass(frozen=True, slots=True)
class Onward:
    """What to do now: a heading's words and its paragraphs."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeedbackReport:
    """A whole report, in reading order.

    `date` is ISO 8601 and dates the documents as well. `language` (BCP 47) is that of the feedback's own words.
    `to_earn` are next steps on the way to the credential; `if_you_like` all that is offered beyond it.
    """

    title: str
    key: str
    date: str
    language: str
    programme: str
    running: str
    foot: str
    look: ProgrammeLook
    micro_credential: str
    outcome: Outcome
    headline: str
    greeting: str
    lead: tuple[str, ...]
    sample_notice: str
    reasons: tuple[str, ...]
    overall: str
    strengths: tuple[Point, ...]
    to_earn: tuple[Point, ...]
    if_you_like: tuple[Point, ...]
    criteria: tuple[CriterionFeedback, ...]
    onward: Onward
    about: tuple[Detail, ...]
    closing: tuple[str, ...]

    @property
    def below(self) -> tuple[CriterionFeedback, ...]:
        """The criteria that do not pass, each of which has a section of its own."""
        return tuple(one for one in self.criteria if not one.passed)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a report is made from."""

    feedback: Mapping[str, Any]
    rubric: Rubric
    policy: Policy
    released_on: date
    assessors: int
    attempt: int | None
    outcome: Outcome
    criteria: tuple[CriterionFeedback, ...]

    @property
    def below(self) -> list[int]:
        return [one.number for one in self.criteria if not one.passed]

    @property
    def may_send_again(self) -> bool:
        """Whether the programme takes another attempt: it counts none, or some are left."""
        allowed = self.policy.attempts
        return self.outcome is not Outcome.EARNED and (not allowed or (self.attempt or 0) < allowed)

    @property
    def submission(self) -> str:
        key = self.feedback["submission"]["key"]
        return f"submission {key}" + (f", attempt {self.attempt}" if self.attempt else "")


def feedback_report(
    feedback: Mapping[str, Any],
    rubric: Rubric,
    policy: Policy,
    look: ProgrammeLook,
    *,
    decided_at: datetime,
    released_on: date,
    sealed_by: str,
    assessors: int,
    attempt: int | None = None,
    educator: str = "",
) -> FeedbackReport:
    """The report of a decision's `feedback.json` (docs/schemas/feedback.schema.json, with `outcome`).

    `sealed_by` is the decider's number, never a name; `assessors` how many looked at the evidence; `attempt` None where
    it is not to be said; `educator` a name for the greeting, where the issuer hands it over.
    Raises Refused for a feedback without an outcome, or of another rubric.
    """
    facts = _facts(feedback, rubric, policy, released_on, assessors, attempt)
    scored = facts.criteria
    return FeedbackReport(
        title=f"Feedback report, {facts.submission}",
        key=str(feedback["submission"]["key"]),
        date=decided_at.isoformat(),
        language=str(feedback["language"]),
        programme=policy.programme,
        running=f"Feedback report · {facts.submission} · {day(released_on)}",
        foot=f"Sealed by reviewer {sealed_by} for {policy.programme} · rubric {rubric.version}",
        look=look,
        micro_credential=rubric.title,
        outcome=facts.outcome,
        headline=_headline(facts),
        greeting=f"For {educator}" if educator else "",
        lead=_lead(facts),
        sample_notice=SAMPLE_NOTICE if rubric.sample else "",
        reasons=tuple(sentence(str(one["sentence"])) for one in feedback["reasons"]),
        overall=str(feedback["overall"]),
        strengths=tuple(_point(one, one.strength) for one in scored if one.strength.strip()),
        to_earn=tuple(_next_step(one) for one in scored if _to_earn(facts, one)),
        if_you_like=tuple(_offers(facts)),
        criteria=scored,
        onward=_onward(facts),
        about=_about(facts, decided_at, sealed_by),
        closing=look.closing,
    )


def _facts(
    feedback: Mapping[str, Any],
    rubric: Rubric,
    policy: Policy,
    released_on: date,
    assessors: int,
    attempt: int | None,
) -> _Facts:
    if "outcome" not in feedback:
        raise Refused(
            "This feedback holds a recommendation and no decision; a report is made once it is decided"
        )
    named = feedback["rubric"]
    if (named["id"], named["version"]) != (rubric.id, rubric.version):
        raise Refused(
            f"The feedback is about the rubric {named['id']} {named['version']}, "
            f"not {rubric.id} {rubric.version}; hand over the one that was decided with"
        )
    outcome = Outcome(feedback["outcome"])
    given = () if outcome is Outcome.INCOMPLETE else feedback["criteria"]
    numbers = {one.id: place for place, one in enumerate(rubric.criteria, 1)}
    scored = tuple(_criterion(rubric.criterion(one["criterion"]), numbers, one) for one in given)
    return _Facts(feedback, rubric, policy, released_on, assessors, attempt, outcome, scored)


def _criterion(
    criterion: Criterion, numbers: Mapping[str, int], given: Mapping[str, Any]
) -> CriterionFeedback:
    above = criterion.next_level(given["level"])
    return CriterionFeedback(
        number=numbers[criterion.id],
        title=given["title"],
        level=given["level_title"],
        passed=given["passed"],
        passing_level=criterion.level(criterion.passing).title,
        descriptor=given["descriptor"],
        cited=_cited(given["evidence"]),
        evidence=tuple(one["place"] for one in given["evidence"]),
        strength=given["strength"],
        next_step=given["next_step"],
        would_show=given["would_show"],
        extension=given["extension"],
        next_level=above.title if above else "",
        next_descriptor=above.descriptor if above else "",
    )


def _cited(evidence: list[Mapping[str, Any]]) -> tuple[str, ...]:
    """The places of a criterion shortly, a line an artifact: “Lesson video: 02:13–02:41, 04:38”."""
    by_artifact: dict[str, list[str]] = {}
    for one in evidence:
        where = place_in_words(from_json(one["selector"]))
        title = one["place"].removesuffix(where).rstrip(", ")
        by_artifact.setdefault(title, []).append(where)
    return tuple(f"{short_title(title)}: {', '.join(places)}" for title, places in by_artifact.items())


def _headline(facts: _Facts) -> str:
    start = STARTS[facts.outcome]
    if facts.outcome is Outcome.INCOMPLETE:
        count = len(facts.feedback["reasons"])
        things = (
            "Something"
            if not count
            else f"{number(count).capitalize()} {'thing' if count == 1 else 'things'}"
        )
        return f"{start} {things} must be put right before the evidence can be assessed."
    if len(facts.below) == len(facts.criteria):
        return f"{start} All {number(len(facts.criteria))} criteria need new evidence."
    return f"{start} {standing(facts.rubric, facts.below, earned=facts.outcome is Outcome.EARNED)}"


def _lead(facts: _Facts) -> tuple[str, ...]:
    if facts.outcome is Outcome.INCOMPLETE:
        return (INCOMPLETE_LEAD,)
    about = f"This report is about the evidence you sent, not about you. {_who(facts.assessors)}"
    if facts.outcome is Outcome.EARNED or not facts.may_send_again:
        return (about,)
    if facts.policy.resubmission_carries == "passed_criteria" and len(facts.below) < len(facts.criteria):
        needed = f"you need to send only what {criteria(facts.below)} {_asks(facts.below)} for"
    else:
        needed = "what follows says what to send"
    return (f"{about} Sending evidence again is part of the way; {needed}.",)


def _asks(numbers: list[int]) -> str:
    return "asks" if len(numbers) == 1 else "ask"


def _who(assessors: int) -> str:
    match assessors:
        case 0:
            return "A reviewer looked at it with the rubric beside it, and decided."
        case 1:
            return "An assessor looked at it with the rubric beside it, and a reviewer decided."
        case _:
            several = number(assessors).capitalize()
            return f"{several} assessors looked at it independently, and a reviewer decided."


def _to_earn(facts: _Facts, one: CriterionFeedback) -> bool:
    return facts.outcome is Outcome.NOT_YET and not one.passed and bool(one.next_step.strip())


def _offers(facts: _Facts) -> Iterator[Point]:
    """Next steps beyond what earns it, then extensions, criterion by criterion."""
    for one in facts.criteria:
        if one.next_step.strip() and not _to_earn(facts, one):
            yield _next_step(one)
        if one.extension.strip():
            yield _point(one, one.extension)


def _next_step(one: CriterionFeedback) -> Point:
    return Point(f"Criterion {one.number}", one.next_step, one.would_show, one.cited)


def _point(one: CriterionFeedback, words: str) -> Point:
    return Point(f"Criterion {one.number}", words, "", one.cited)


def _onward(facts: _Facts) -> Onward:
    policy = facts.policy
    again = tuple(_sending_again(facts))
    appeal = _appeal(facts)
    asking = (f"Questions about this report? {sentence(policy.contacts.questions)}",)
    paragraphs = (*again, *appeal, *(asking if policy.contacts.questions else ()))
    titles = [
        *(["how to send it again"] if facts.may_send_again else []),
        *(["how to appeal"] if appeal else []),
        *(["whom to ask"] if policy.contacts.questions else []),
    ]
    title = (
        ", ".join(titles[:-1]) + (", and " if len(titles) > 1 else "") + titles[-1] if titles else "What now"
    )
    return Onward(title[0].upper() + title[1:], paragraphs)


def _sending_again(facts: _Facts) -> Iterator[str]:
    if facts.outcome is Outcome.EARNED:
        return
    if not facts.may_send_again:
        yield f"{_attempts(facts)} It was the last one that the programme takes."
        return
    days = facts.policy.resubmission_window_days
    until = f" by {day(facts.released_on + timedelta(days=days))}" if days else ""
    yield f"{_what_to_send(facts)}{until}. {_attempts(facts)}".strip()
    for number_, pieces in _speaking(facts):
        yield f"Evidence that can show criterion {number_}: {pieces}."


def _what_to_send(facts: _Facts) -> str:
    if facts.outcome is Outcome.INCOMPLETE:
        return "Put right what is named under “What is missing” and send it again"
    if facts.policy.resubmission_carries == "passed_criteria":
        return f"Send new evidence for {criteria(facts.below)}"
    return "Send all of the evidence again, with what is new in it"


def _attempts(facts: _Facts) -> str:
    allowed = facts.policy.attempts
    if not allowed:
        return ""
    if not facts.attempt:
        return f"The programme takes {number(allowed)} attempts in all."
    left = max(allowed - facts.attempt, 0)
    remain = f"; {number(left)} {'is' if left == 1 else 'are'} left" if left else ""
    return f"This was attempt {facts.attempt} of {allowed}{remain}."


def _speaking(facts: _Facts) -> Iterator[tuple[int, str]]:
    """For each criterion below passing, the rubric's evidence requirements that speak to it, in short."""
    for place, criterion in enumerate(facts.rubric.criteria, 1):
        pieces = [
            f"{piece.title} ({', '.join(filter(None, (piece.amount, piece.length))).lower()})"
            for piece in facts.rubric.evidence_for(criterion.id)
        ]
        if place in facts.below and pieces:
            yield place, listed(pieces)


def _appeal(facts: _Facts) -> tuple[str, ...]:
    appeal = facts.policy.appeal
    if not appeal.route:
        return ()
    until = facts.released_on + timedelta(days=appeal.window_days)
    by = f" until {day(until)}" if appeal.window_days else ""
    return (f"If you think that this decision is wrong, you may appeal{by}. {sentence(appeal.route)}",)


def _about(facts: _Facts, decided_at: datetime, sealed_by: str) -> tuple[Detail, ...]:
    rubric = facts.rubric
    return (
        Detail("Micro-credential", rubric.title),
        Detail("Rubric", f"Version {rubric.version}, by {rubric.issuer}"),
        Detail("Submission", facts.submission.removeprefix("submission ")),
        Detail("Decided", f"{day(decided_at)}, by reviewer {sealed_by} for {facts.policy.programme}"),
        Detail("Released", day(facts.released_on)),
    )
