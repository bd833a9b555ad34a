"""A decision as its reviewer left it, to be read: what they wrote and chose themselves, and what the seal says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from assessor_desk.desk.answers import Case
from assessor_desk.domain.decision import Decision, DecisionKind, DecisionSeal
from assessor_desk.domain.review import AUDIENCE, FEEDBACK_FIELDS, TITLES, TextField
from assessor_desk.domain.rubric import Criterion
from assessor_desk.gui.deciding_words import TITLES_OF, moment, on_its_way

_HOW = {
    DecisionKind.CONFIRMED: "You confirmed what was recommended.",
    DecisionKind.ADJUDICATED: "You decided levels of your own.",
}


def own_decision_as_html(case: Case, decision: Decision) -> str:
    """Nothing of the reviews that it is about: they are others' words, and may be here no more. No private notes."""
    parts = [f"<h2>{_heading(decision.seal)}</h2>"]
    parts.append(f"<p>{escape(case.rubric.title)}, submission {escape(case.submission.key)}</p>")
    if decision.seal is not None:
        parts.append(_paragraphs(_what_the_seal_says(case, decision, decision.seal)))
    own = [*_reason(decision), *_levels(case, decision), *_kept(decision)]
    if not own and decision.seal is None:
        parts.append("<p>Nothing was written or chosen in it.</p>")
    return "".join([*parts, *own])


def _heading(seal: DecisionSeal | None) -> str:
    if seal is None:
        return "A decision that was not sealed"
    return "Passed back" if seal.outcome is None else f"Decided: {TITLES_OF[seal.outcome].lower()}"


def _what_the_seal_says(case: Case, decision: Decision, seal: DecisionSeal) -> Iterator[str]:
    yield f"Sealed {moment(seal.at)} as packet {seal.digest[:16]}….{on_its_way(case)}"
    if seal.kind in _HOW:
        yield _HOW[seal.kind]
    if decision.bases:
        yield f"It rests on {' and '.join(f'packet {one[:16]}…' for one in decision.bases)}."


def _reason(decision: Decision) -> Iterator[str]:
    if decision.reason.strip():
        yield f"<h3>{TITLES[TextField.REASON]}, {AUDIENCE[TextField.REASON]}</h3>"
        yield _paragraphs(decision.reason.split("\n"))


def _levels(case: Case, decision: Decision) -> Iterator[str]:
    """Of each criterion on which the reviewer decided or wrote something."""
    if packet := decision.feedback_from.get(""):
        yield _paragraphs([f"Overall feedback: that of packet {packet[:16]}…"])
    known = {criterion.id: criterion for criterion in case.rubric.criteria}
    for number, criterion in enumerate(case.rubric.criteria, start=1):
        yield from _criterion(decision, criterion.id, f"{number} {criterion.title}", criterion)
    for own_id in {**decision.works, **decision.feedback_from}:
        # Of another version of the rubric, which went with the reviews that were made by it.
        if own_id and own_id not in known:
            yield from _criterion(decision, own_id, own_id, None)


def _criterion(decision: Decision, own_id: str, title: str, criterion: Criterion | None) -> Iterator[str]:
    work = decision.work(own_id)
    told = [
        f"{TITLES[field]}: {text}"
        for field in (TextField.RATIONALE, *FEEDBACK_FIELDS)
        if (text := work.text(field).strip())
    ]
    if packet := decision.feedback_from.get(own_id):
        told.append(f"Feedback: that of packet {packet[:16]}…")
    if work.level or told:
        level = f": {_level(criterion, work.level)}" if work.level else ""
        yield f"<h3>{escape(title + level)}</h3>{_paragraphs(told)}"


def _level(criterion: Criterion | None, level_id: str) -> str:
    """Its title; where no version that has it is here any more its id, so that it can be read all the same."""
    levels = criterion.levels if criterion else ()
    return next((one.title for one in levels if one.id == level_id), level_id)


def _kept(decision: Decision) -> Iterator[str]:
    for (check, _), why in decision.kept.items():
        yield _paragraphs([f"{check} kept: {why}"])


def _paragraphs(lines: Iterable[str]) -> str:
    return "".join(f"<p>{escape(one)}</p>" for one in lines if one.strip())
