"""How anchors are marked, and to which criteria they may be given."""

from __future__ import annotations

from assessor_desk.desk.answers import Case
from assessor_desk.domain.anchor import Anchor
from assessor_desk.domain.anchor_signs import UNCITED, sign_of
from assessor_desk.gui import theme
from assessor_desk.gui.panes.evidence.anchor_wishes import Citable
from assessor_desk.gui.viewers.viewer import Mark


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
