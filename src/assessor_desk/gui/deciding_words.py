"""A decision in words: as it is prepared, as it was taken, and what keeps it from being taken."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import TYPE_CHECKING

from assessor_desk.domain.decision import DeliveredReview, outcome_of
from assessor_desk.domain.policy import CheckState
from assessor_desk.domain.review import FEEDBACK_FIELDS, TITLES
from assessor_desk.domain.rubric import Outcome
from assessor_desk.domain.submission import reasons_in_words
from assessor_desk.reports.saying import standing

if TYPE_CHECKING:
    from assessor_desk.desk.answers import Case
    from assessor_desk.verdict import Verdict

TITLES_OF = {Outcome.EARNED: "Earned", Outcome.NOT_YET: "Not yet", Outcome.INCOMPLETE: "Incomplete"}
DIFFERENT = "The reviews differ. Levels on which they differ cannot be decided in this window yet."


def moment(at: datetime) -> str:
    """`14 Nov 2026, 10:12`, in local time."""
    local = at.astimezone()
    return f"{local.day} {local:%b %Y, %H:%M}"


def assessors(case: Case) -> str:
    """`assessor A-1184`, or several of them by number."""
    numbers = [one.person for one in case.delivered]
    many = "s" if len(numbers) > 1 else ""
    return f"assessor{many} {' and '.join(numbers)}"


def prepared(case: Case) -> str:
    """The decision as it would be sealed now; empty where there is none to be sealed."""
    outcome = _outcome(case)
    if outcome is None or case.read_only:
        return ""
    return f"{TITLES_OF[outcome]}, {_as_recommended(case)}: {_why(case, outcome)}"


def _as_recommended(case: Case) -> str:
    return "as the assessors recommend" if len(case.delivered) > 1 else "as the assessor recommends"


def _outcome(case: Case) -> Outcome | None:
    if case.decision is None or not case.delivered:
        return None
    return outcome_of(case.decision, case.rubric, case.delivered)


def _why(case: Case, outcome: Outcome) -> str:
    if outcome is Outcome.INCOMPLETE:
        return "something is missing, so competence is not scored."
    review = case.delivered[-1].review
    below = [
        number
        for number, one in enumerate(case.rubric.criteria, start=1)
        if not (level := review.work(one.id).level) or not one.passes(level)
    ]
    if len(below) == len(case.rubric.criteria):
        return "no criterion passes."
    words = standing(case.rubric, below, earned=outcome is Outcome.EARNED)
    return words[:1].lower() + words[1:]


def taken(case: Case) -> str:
    """The decision as it was sealed, and where it is; empty before."""
    seal = case.decision.seal if case.decision else None
    if seal is None:
        return ""
    if seal.outcome is None:
        return f"Passed back {moment(seal.at)}. The assessor’s correction comes back here.{on_its_way(case)}"
    if case.released is not None:
        how = "through the hub" if case.released.how == "hub" else f"into {case.released.folder}"
        decided = f"{TITLES_OF[seal.outcome]}, decided {moment(seal.at)}."
        award = _award(case) if seal.outcome is Outcome.EARNED else ""
        return f"{decided} Report released {moment(case.released.at)} {how}.{award}"
    return f"{TITLES_OF[seal.outcome]}, decided {moment(seal.at)}.{on_its_way(case)}"


def _award(case: Case) -> str:
    """Of what follows when somebody earned it: none of it is the reviewer's to make."""
    if case.badge is None:
        return " The issuer makes its badge, and its case file for a recogniser."
    told = f"Badge issued {moment(case.badge.issued_at)}."
    if case.badge.revoked_at is not None:
        told = f"Its badge was revoked {moment(case.badge.revoked_at)}."
    return f" {told} The issuer makes its case file for a recogniser."


def on_its_way(case: Case) -> str:
    """Where what was sealed is, as sentences to be added; empty where nothing was sent from here."""
    if case.delivery is None:
        return ""
    if case.delivery.receipted:
        return " On the hub."
    if case.delivery.refused:
        return f" The hub did not take it. {case.delivery.last_trouble}"
    trouble = f" {case.delivery.last_trouble}" if case.delivery.last_trouble else ""
    return f" It waits on this computer for the next sync.{trouble}"


def badge_to_save(case: Case) -> bool:
    """Whether a badge stands for what was decided and released, so that it can be saved."""
    return case.released is not None and case.badge is not None and case.badge.revoked_at is None


def was_refused(case: Case) -> bool:
    """Whether the hub refused what was sealed, so that it is to be decided anew."""
    sealed = case.decision is not None and case.decision.seal is not None
    return sealed and not case.set_aside and case.delivery is not None and case.delivery.refused


def refused_for_a_name(case: Case) -> bool:
    """Whether that was for words which may identify somebody, so that a reason may let them stand."""
    may_stand = case.policy.check_state("F10") is not CheckState.BLOCK
    return (
        was_refused(case) and may_stand and case.delivery is not None and "F10:" in case.delivery.last_trouble
    )


def hindrance(case: Case, verdict: Verdict | None, refused: str = "") -> str:
    """Why nothing can be decided now, as a sentence; empty where it can.

    `verdict` is that on the packet looked at, None while it is being checked; `refused` tells of a packet that came and
    does not hold.
    """
    if case.set_aside:
        return "This submission was taken back from you; there is nothing to decide."
    if case.holds:
        return (
            f"On hold: {case.holds[0].concern} was raised. Nothing is decided until the programme lifts it."
        )
    if not case.delivered:
        return (
            refused
            or "No review has been delivered yet. It comes with a sync once the assessor has sealed it."
        )
    wanted = case.policy.assessors_per_submission
    if len(case.delivered) < wanted:
        return f"The policy asks for {wanted} reviews; {len(case.delivered)} came so far."
    if _outcome(case) is None:
        return DIFFERENT
    if verdict is None:
        return "The packet is being checked…"
    if verdict.exit_code():
        return f"{verdict.headline} Nothing can be decided on it; ask the programme."
    needed = [finding.sentence for finding in case.blocking]
    return f"Needed before deciding: {'; '.join(needed)}." if needed else ""


def verdict_in_words(delivered: DeliveredReview, verdict: Verdict | None) -> str:
    """The verdict on a packet in one line."""
    if verdict is None:
        return "Checking the packet…"
    if verdict.exit_code():
        return verdict.headline
    words = f"Packet checked: unaltered since assessor {delivered.person} signed it on {moment(delivered.sealed_at)}."
    count = sum(1 for fact in verdict.facts if str(fact.standing) == "unknown")
    return f"{words} {count} open question{'' if count == 1 else 's'}." if count else words


def decision_as_html(case: Case) -> str:
    """What will be signed: the outcome, what goes to the educator, and the packets it rests on."""
    outcome = _outcome(case)
    assert outcome is not None
    why = f"{_as_recommended(case)}: {_why(case, outcome)}"
    parts = [f"<h2>{TITLES_OF[outcome]}</h2>", f"<p>{escape(why[:1].upper() + why[1:])}</p>"]
    attempt = f", attempt {case.submission.attempt}" if case.submission.attempt else ""
    parts.append(f"<p>{escape(case.rubric.title)}, submission {escape(case.submission.key)}{attempt}</p>")
    parts += _feedback(case, outcome)
    parts.append("<h3>It rests on</h3>")
    parts += [
        f"<p>Assessor {escape(one.person)}, sealed {moment(one.sealed_at)}, packet {one.packet[:16]}…</p>"
        for one in case.delivered
    ]
    return "".join(parts)


def _feedback(case: Case, outcome: Outcome) -> list[str]:
    review = case.delivered[0].review
    parts = []
    if outcome is Outcome.INCOMPLETE:
        reasons = reasons_in_words(review.completeness or (), review.missing_parts)
        parts.append("<ul>" + "".join(f"<li>{escape(words)}</li>" for words in reasons) + "</ul>")
    parts.append("<h3>Overall feedback, for the educator</h3>")
    parts += [f"<p>{escape(one)}</p>" for one in review.overall.split("\n") if one.strip()]
    if outcome is Outcome.INCOMPLETE:
        return parts
    for number, one in enumerate(case.rubric.criteria, start=1):
        work = review.work(one.id)
        level = one.level(work.level).title if work.level else "no level"
        parts.append(f"<h3>{number} {escape(one.title)}: {escape(level)}</h3>")
        parts += [
            f"<p><b>{TITLES[field]}:</b> {escape(text)}</p>"
            for field in FEEDBACK_FIELDS
            if (text := work.text(field).strip())
        ]
    return parts
