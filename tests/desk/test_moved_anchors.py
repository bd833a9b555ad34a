"""Anchors moved and resized: within their artifact, undone and redone, and not once the review is sealed."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from assessor_desk.cli.command_line import run_command
from assessor_desk.desk import Desk
from assessor_desk.desk.acts import require_fit
from assessor_desk.domain.anchor import Box, ImageRegion, PageRegion, Selector, TextQuote, TimeSpan, Whole
from assessor_desk.domain.changes import SourceChanges
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.roles import Purpose, Role
from assessor_desk.domain.submission import Artifact, Part


def criterion_of(desk: Desk, own_id: str, place: int = 0) -> str:
    return desk.case(own_id).rubric.criteria[place].id


def place_of(desk: Desk, own_id: str, anchor_id: str) -> Selector:
    anchor = desk.case(own_id).marked.anchor(anchor_id)
    assert anchor is not None
    return anchor.selector


def test_an_anchor_moved_keeps_its_line_and_its_criteria(desk: Desk, own_id: str) -> None:
    first, second = criterion_of(desk, own_id), criterion_of(desk, own_id, 1)
    _, anchor = desk.place_anchor(own_id, "video", TimeSpan(1000, 2000), "three hands", first)
    desk.give_anchor(own_id, anchor, second)
    changes = desk.move_anchor(own_id, anchor, TimeSpan(1500, 4000))
    assert own_id in changes.submissions
    review = desk.case(own_id).review
    moved = review.anchor(anchor)
    assert moved is not None
    assert (moved.selector, moved.note) == (TimeSpan(1500, 4000), "three hands")
    assert review.criteria_citing(anchor) == (first, second)


def test_moving_is_undone_and_redone_like_any_act(desk: Desk, own_id: str) -> None:
    _, anchor = desk.place_anchor(own_id, "plan", TextQuote("exit tickets"))
    desk.move_anchor(own_id, anchor, TextQuote("their own exit tickets"))
    desk.undo(own_id)
    assert place_of(desk, own_id, anchor) == TextQuote("exit tickets")
    desk.redo(own_id)
    assert place_of(desk, own_id, anchor) == TextQuote("their own exit tickets")


def test_where_an_anchor_is_already_is_no_act(desk: Desk, own_id: str) -> None:
    _, anchor = desk.place_anchor(own_id, "video", TimeSpan(1000, 2000))
    desk.move_anchor(own_id, anchor, TimeSpan(1000, 2000))
    desk.undo(own_id)
    assert desk.case(own_id).review.anchors == ()


def test_scans_in_one_file_have_pages_and_a_photograph_has_none() -> None:
    scans = Artifact("scans", Part.WORK, "scans.tiff", "", "image/tiff", 1, "ab" * 32)
    require_fit(scans, PageRegion(2, Box(1, 1, 5, 5)))
    with pytest.raises(Refused, match="no pages"):
        require_fit(replace(scans, name="photo.jpg", media_type="image/jpeg"), PageRegion(1))


def test_a_still_that_is_moved_is_still_one(desk: Desk, own_id: str) -> None:
    _, anchor = desk.place_anchor(own_id, "video", TimeSpan(1000, frame_us=1_001_000, still=True))
    desk.move_anchor(own_id, anchor, TimeSpan(3000))
    assert place_of(desk, own_id, anchor) == TimeSpan(3000, still=True)
    desk.move_anchor(own_id, anchor, TimeSpan(3000, 4000))
    assert place_of(desk, own_id, anchor) == TimeSpan(3000, 4000)


def test_a_place_the_artifact_cannot_have_is_refused(desk: Desk, own_id: str) -> None:
    _, words = desk.place_anchor(own_id, "plan", TextQuote("exit tickets"))
    _, moment = desk.place_anchor(own_id, "video", TimeSpan(1000))
    with pytest.raises(Refused, match="no moments"):
        desk.move_anchor(own_id, words, TimeSpan(10))
    with pytest.raises(Refused, match="no pages that stay"):
        desk.move_anchor(own_id, words, PageRegion(2))
    with pytest.raises(Refused, match="cannot be moved to part of the picture"):
        desk.move_anchor(own_id, moment, ImageRegion(Box(1, 1, 5, 5)))
    with pytest.raises(Refused, match="has no anchor"):
        desk.move_anchor(own_id, "unknown", Whole())
    assert place_of(desk, own_id, moment) == TimeSpan(1000)


def test_a_coach_moves_an_anchor_of_the_notes(
    desk: Desk, own_id: str, page: Callable[..., SourceChanges]
) -> None:
    coached = replace(page(1).assignments[0], role=Role.COACH, purpose=Purpose.COACH)
    desk.store.accept(SourceChanges("c3", assignments=(coached,)))
    _, anchor = desk.place_anchor(own_id, "plan", TextQuote("exit tickets"))
    desk.move_anchor(own_id, anchor, TextQuote("the quokka waits"))
    assert place_of(desk, own_id, anchor) == TextQuote("the quokka waits")


def test_a_sealed_review_keeps_its_anchors_where_they_are(
    enrolled: Desk, own_id: str, finish: Callable[[Desk, str], tuple[str, ...]]
) -> None:
    attestations = finish(enrolled, own_id)
    anchor = enrolled.case(own_id).review.anchors[0]
    enrolled.seal_packet(own_id, "demo", attestations)
    with pytest.raises(Refused, match="sealed"):
        enrolled.move_anchor(own_id, anchor.id, Whole())


def test_a_score_on_the_command_line_says_what_is_seen_at_each_place(
    desk: Desk, own_id: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    criterion = desk.case(own_id).rubric.criteria[0]
    desk.record_completeness(own_id)
    folder = desk.folder
    desk.close()
    monkeypatch.setenv("ASSESSOR_DESK_PASSPHRASE", "demo")
    start = ["--desk", str(folder), "score", "7F3A-00", criterion.id, criterion.levels[-1].id]
    places = ["--anchor", "plan.md@quote=exit tickets", "--anchor", "plan.md@whole"]
    assert run_command([*start, *places, "--seen", "they mark their own"]) == 0
    with Desk.open(folder, "demo") as opened:
        review = opened.case(own_id).review
    assert [anchor.note for anchor in review.anchors] == ["they mark their own", ""]
    assert run_command([*start, "--seen", "nothing to see"]) == 1
    assert "more of them than anchors" in capsys.readouterr().err
