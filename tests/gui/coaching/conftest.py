"""A coach at work: the hand of the assessing tests, on a desk with drafts."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.gui.assessing.conftest import Hand
from tests.gui.assessing.conftest import bench as bench
from tests.gui.assessing.conftest import desk as desk
from tests.gui.assessing.conftest import failing as failing
from tests.gui.assessing.conftest import hand as hand
from tests.gui.assessing.conftest import template as template
from tests.gui.assessing.making import Template, usual
from tests.gui.coaching.drafting import coaching_policy, give_draft

from assessor_desk.desk import Desk
from assessor_desk.gui.panes.coaching import CoachingPane
from assessor_desk.gui.workbench import Workbench


@pytest.fixture
def draft(desk: Desk, template: Template, root: Path) -> str:
    """A draft to coach, its plan here."""
    return give_draft(desk, template, usual("E5D2-11"), coaching_policy(root))


@pytest.fixture
def coaching(hand: Hand, bench: Workbench, draft: str) -> CoachingPane:
    """The coach's pane in the workbench, the draft open in it."""
    hand.open(draft)
    pane = bench.sheets.current
    assert isinstance(pane, CoachingPane)
    return pane
