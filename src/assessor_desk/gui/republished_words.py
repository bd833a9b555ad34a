"""What is said of a rubric published anew: in the banner, and on the page that shows what moving would change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from assessor_desk.desk.rubric_versions import RubricOffer
from assessor_desk.domain.policy import MovePolicy
from assessor_desk.domain.republished import (
    CriterionChange,
    CriterionMove,
    Rewording,
    RubricMove,
    ScoreAfter,
    marked,
)
from assessor_desk.domain.review import TITLES
from assessor_desk.gui import theme

_CHANGES = {
    CriterionChange.UNCHANGED: "unchanged",
    CriterionChange.EXAMPLES: "with other examples",
    CriterionChange.REWORDED: "reworded",
    CriterionChange.LEVELS: "with other levels",
    CriterionChange.GONE: "gone",
    CriterionChange.NEW: "new",
}


def banner_words(offer: RubricOffer, version: str) -> str:
    """One or two calm sentences; empty where there is nothing to say."""
    if offer.move is not None and not offer.closed:
        stays = f"The programme has published version {offer.move.after} of this rubric; this review stays on {version}"
        if offer.policy is MovePolicy.NEVER:
            return f"{stays}, as the programme asks."
        return (
            f"{stays} until you move it. The programme asks for that before you seal."
            if offer.must
            else f"{stays}."
        )
    if offer.moved is not None:
        return f"Moved from version {offer.moved.assigned} of this rubric to {offer.moved.version}."
    return ""


def button_words(offer: RubricOffer) -> str:
    """What leads to the page; empty where nothing does."""
    if offer.move is not None and not offer.closed:
        return "See what would change"
    return "See what changed" if offer.done is not None else ""


def summary(move: RubricMove, *, done: bool = False) -> list[str]:
    """How many criteria are what, and what becomes of the work, in a few sentences."""
    counts: dict[str, int] = {}
    for one in move.criteria:
        counts[_CHANGES[one.change]] = counts.get(_CHANGES[one.change], 0) + 1
    criteria = ", ".join(f"{count} {words}" for words, count in counts.items())
    carried = sum(one.score is ScoreAfter.CARRIED for one in move.criteria)
    again = [one.title for one in move.criteria if one.score is ScoreAfter.AGAIN]
    lines = [f"Criteria: {criteria}.", f"Scores that {'stayed' if done else 'stay'}: {carried}."]
    if again:
        lines.append(f"{'Were to be' if done else 'To be'} scored again: {'; '.join(again)}.")
    if move.kept:
        titles = "; ".join(one.title for one in move.kept)
        lines.append(f"Kept to be read, {'counts' if done else 'and counts'} no more: {titles}.")
    lines.append("All texts and anchors stay with their criteria; undo takes the move back in one step.")
    return lines


def page(move: RubricMove, *, done: bool = False) -> str:
    """The whole as HTML: ours, all words escaped."""
    parts = [f"<p>{'<br>'.join(map(escape, summary(move, done=done)))}</p>"]
    if move.about_all:
        parts.append(f"<h3>The micro-credential as a whole</h3>{_table(move, move.about_all)}")
    parts += (_criterion(move, number, one, done=done) for number, one in enumerate(move.criteria, 1))
    return "".join(parts)


def _criterion(move: RubricMove, number: int, one: CriterionMove, *, done: bool) -> str:
    head = f"<h3>{number}. {escape(one.title)} · {_CHANGES[one.change]}</h3>"
    work = " ".join(_work(one, done=done))
    either = one.change in (CriterionChange.GONE, CriterionChange.NEW)
    shown = _listed(one) if either else _table(move, one.rewordings) if one.rewordings else ""
    return f"{head}<p>{work}</p>{_texts(one)}{shown}"


def _listed(one: CriterionMove) -> str:
    """What a criterion says that is in one version alone."""
    lines = (
        f"<p><b>{escape(each.place)}:</b> {escape(each.before or each.after)}</p>"
        for each in one.rewordings
        if "“" in each.place  # its title stands above
    )
    return f"<p>{'It said:' if one.change is CriterionChange.GONE else 'It says:'}</p>{''.join(lines)}"


def _work(one: CriterionMove, *, done: bool) -> Iterator[str]:
    level = f"“{escape(one.level_before)}”"
    match one.score:
        case ScoreAfter.CARRIED:
            yield f"Your score {level} {'stayed' if done else 'stays'}."
        case ScoreAfter.AGAIN:
            was = "was to be" if done else "is to be"
            yield f"Your score {level} {was} given again: it was chosen on other words."
        case ScoreAfter.KEPT:
            yield f"Your score {level} is kept and no longer counts."
    if one.change is CriterionChange.NEW and not one.level_before:
        yield "It is to be scored."
    if one.anchors and one.change is not CriterionChange.GONE:
        yield f"{'1 anchor stays' if one.anchors == 1 else f'{one.anchors} anchors stay'} with it."


def _texts(one: CriterionMove) -> str:
    """What was written on a criterion that is gone, to be read; of any other it stands in its card."""
    if one.change is not CriterionChange.GONE or not one.texts:
        return ""
    lines = (
        f"<p><b>{TITLES[field]}:</b> {escape(words).replace(chr(10), '<br>')}</p>"
        for field, words in one.texts
    )
    return "<p>What you wrote:</p>" + "".join(lines)


def _table(move: RubricMove, rewordings: Iterable[Rewording]) -> str:
    """Old and new beside each other; what differs is marked by its shape too, not by colour alone."""
    head = (
        f"<tr><th align='left' width='50%'>Version {escape(move.before)}</th>"
        f"<th align='left' width='50%'>Version {escape(move.after)}</th></tr>"
    )
    rows = "".join(_row(one) for one in rewordings)
    return f"<table width='100%' cellspacing='0' cellpadding='6'>{head}{rows}</table>"


def _row(one: Rewording) -> str:
    left, right = marked(one.before, one.after)
    muted = theme.colour("muted").name()
    place = f"<tr><td colspan='2' style='color:{muted}'>{escape(one.place)}</td></tr>"
    return f"{place}<tr><td>{_marked(left, 'line-through')}</td><td>{_marked(right, 'underline')}</td></tr>"


def _marked(pieces: Iterable[tuple[str, bool]], shape: str) -> str:
    ground = theme.colour("danger_soft" if shape == "line-through" else "positive_soft").name()
    style = f"background-color:{ground};text-decoration:{shape}"
    told = (
        f"<span style='{style}'>{escape(words)}</span>" if differs else escape(words)
        for words, differs in pieces
    )
    return "".join(told) or "–"
