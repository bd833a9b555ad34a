"""How anchors are marked, and to which criteria they may be given."""

from __future__ import annotations

from collections.abc import Iterable

from assessor_desk.desk.answers import Case
from assessor_desk.domain import anchor as anchors
from assessor_desk.domain.anchor import Anchor, ImageRegion, PageRegion, Selector, TextQuote, TimeSpan
from assessor_desk.domain.anchor_signs import UNCITED, sign_of
from assessor_desk.gui import theme
from assessor_desk.gui.panes.evidence.anchor_wishes import Citable
from assessor_desk.gui.viewers.viewer import Mark
from assessor_desk.gui.writing.placed_chip import still_in_words


def mark_of(case: Case, anchor: Anchor) -> Mark:
    """How an anchor is marked: by the number and colour of the first criterion that cites it."""
    ids = [criterion.id for criterion in case.rubric.criteria]
    cited = sorted(ids.index(one) for one in case.marked.criteria_citing(anchor.id) if one in ids)
    if not cited:
        return Mark(anchor, theme.colour("muted"), "·", anchor.note, UNCITED.shape)
    numbers = ",".join(str(index + 1) for index in cited)
    return Mark(anchor, theme.anchor_colour(cited[0]), numbers, anchor.note, sign_of(cited[0]).shape)


def citable_in(case: Case) -> list[Citable]:
    """The criteria that anchors may be given to; none while competence is not scored."""
    if not case.cites:
        return []
    return [
        Citable(criterion.id, number, criterion.title, case.marked.work(criterion.id).anchors)
        for number, criterion in enumerate(case.rubric.criteria, start=1)
    ]


def in_order(placed: Iterable[Anchor]) -> list[Anchor]:
    """Anchors of one artifact as one meets them in it: by time, by page and downwards, by place in the text."""
    return sorted(placed, key=lambda one: _place(one.selector))


def _place(selector: Selector) -> tuple[float, float, float]:
    """The whole comes first; where a quotation does not say where it stood, it stays where it was among its like."""
    match selector:
        case TimeSpan(start_ms, end_ms):
            return (1, start_ms, end_ms or start_ms)
        case TextQuote():
            return (selector.page or 1, 0, selector.start or 0)
        case PageRegion(page, box):
            return (page, 1, box.y if box else 0)
        case ImageRegion(box):
            return (1, 1, box.y)
    return (0, 0, 0)


def in_words(anchor: Anchor) -> str:
    """Where it is and what is seen there, in one line."""
    return f"{anchors.words(anchor.selector)}{still_in_words(anchor)} {anchor.note}".rstrip()
