"""A review as a page to read before it is signed: the same order as the record."""

from __future__ import annotations

from html import escape

from assessor_desk.desk.answers import Case
from assessor_desk.domain import anchor as anchors
from assessor_desk.domain.review import FEEDBACK_FIELDS, TITLES, TextField
from assessor_desk.domain.rubric import Criterion, Outcome
from assessor_desk.domain.submission import reasons_in_words

_OUTCOMES = {
    Outcome.EARNED: "You recommend: earned",
    Outcome.NOT_YET: "You recommend: not yet earned",
    Outcome.INCOMPLETE: "Incomplete: competence is not scored",
    None: "No recommendation yet: a level is missing",
}


def review_as_html(case: Case) -> str:
    """Everything that will be signed, in words; never the private notes."""
    review = case.review
    parts = [f"<h2>{_OUTCOMES[review.recommendation(case.rubric)]}</h2>"]
    attempt = "" if case.assignment.blindness.attempt else f", attempt {case.submission.attempt}"
    parts.append(f"<p>{escape(case.rubric.title)}, submission {escape(case.submission.key)}{attempt}</p>")
    if case.supersedes:
        words = f"A correction. It replaces packet {case.supersedes[:8]}, which stays on record."
        parts.append(f"<p>{words}</p>")
    if review.incomplete:
        reasons = reasons_in_words(review.completeness or (), review.missing_parts)
        parts.append("<ul>" + "".join(f"<li>{escape(words)}</li>" for words in reasons) + "</ul>")
    parts.append("<h3>Overall feedback, for the educator</h3>" + _paragraphs(review.overall))
    if not review.incomplete:
        parts.extend(
            _criterion(case, number, one) for number, one in enumerate(case.rubric.criteria, start=1)
        )
    return "".join(parts)


def _criterion(case: Case, number: int, criterion: Criterion) -> str:
    work = case.review.work(criterion.id)
    level = criterion.level(work.level).title if work.level else "no level"
    parts = [f"<h3>{number} {escape(criterion.title)}: {escape(level)}</h3>"]
    parts.append(f"<p><b>Evidence:</b> {escape(_cited(case, criterion))}</p>")
    parts += [
        f"<p><b>{TITLES[field]}:</b> {escape(text)}</p>"
        for field in (TextField.RATIONALE, *FEEDBACK_FIELDS)
        if (text := work.text(field).strip())
    ]
    return "".join(parts)


def _cited(case: Case, criterion: Criterion) -> str:
    work = case.review.work(criterion.id)
    if not work.anchors:
        return "none found" if work.no_evidence else "none anchored"
    cited = []
    for anchor_id in work.anchors:
        if anchor := case.review.anchor(anchor_id):
            artifact = case.submission.artifact(anchor.artifact_id)
            note = f" ({anchor.note})" if anchor.note else ""
            cited.append(
                f"{artifact.name if artifact else 'artifact'}, {anchors.words(anchor.selector)}{note}"
            )
    return "; ".join(cited)


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(one)}</p>" for one in text.split("\n") if one.strip()) or "<p>(none yet)</p>"
