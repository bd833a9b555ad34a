"""A link that nobody captured has no bytes: nothing in it can be pointed at."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from assessor_desk.desk import Desk
from assessor_desk.domain.anchor import PageRegion, TimeSpan, Whole
from assessor_desk.domain.changes import SourceChanges
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.submission import Artifact, Part


def test_a_link_that_nobody_captured_is_cited_as_a_whole_or_not_at_all(
    desk: Desk, own_id: str, page: Callable[..., SourceChanges]
) -> None:
    changes = page(1)
    link = Artifact("link", Part.WORK, "", "My blog on this lesson", link="https://example.org/lesson")
    with_link = replace(changes.submissions[0], artifacts=(*changes.submissions[0].artifacts, link))
    desk.store.accept(replace(changes, submissions=(with_link,)))
    for place in (TimeSpan(10), PageRegion(1)):
        with pytest.raises(Refused, match=r"My blog on this lesson.*nobody captured.*@whole"):
            desk.place_anchor(own_id, "link", place)
    desk.place_anchor(own_id, "link", Whole())
    assert [one.artifact_id for one in desk.case(own_id).review.anchors] == ["link"]
