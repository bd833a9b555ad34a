"""A rubric published anew while a review is open: the review stays, and is moved by one act of its assessor."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.desk.conftest import SOURCE, cheap_passphrases
from tests.sync import minds
from tests.sync.minds import Story, republished

from assessor_desk.cli.command_line import run_command
from assessor_desk.desk import Desk
from assessor_desk.domain.changes import Published, SourceChanges
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.policy import MovePolicy
from assessor_desk.domain.republished import CriterionChange, ScoreAfter
from assessor_desk.domain.review import TextField
from assessor_desk.hub.serve import Server
from assessor_desk.rubric_files import load_rubric, policy_from_json, policy_to_json, rubric_to_json
from assessor_desk.store.lines import InboxState
from assessor_desk.verdict.facts import FactId, Standing
from assessor_desk.verdict.packet import verify
from assessor_desk.verdict.trust import TrustList

KEYS = ["M-MOVED", "M-STAYED", "M-DONE", "M-BACK", "M-COMMAND"]
ASSIGNED, ANEW = "2026.1", "2031.1"


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[Story]:
    """A hub that published its rubric anew, and a desk with reviews that were finished by the version before."""
    folder = tmp_path_factory.mktemp("moving")
    with cheap_passphrases():
        told = minds.begin(folder, root, KEYS)
        with Server(told.office.folder) as server:
            minds.by_network(told, server)
            minds.assign_everything(told)
            told.sync()
            for key in KEYS:
                told.bring(key, "ready")
            told.seal(told.desk.find("M-DONE"))
            told.publish(republished(root, folder / "anew.yaml"))
            assert told.sync() == ()
            yield told
            told.desk.close()


def test_a_review_stays_on_its_version_and_the_newer_one_is_offered(story: Story) -> None:
    case = story.desk.case(story.desk.find("M-STAYED"))
    assert (case.rubric.version, case.blocking, case.review.moved) == (ASSIGNED, (), None)
    assert case.offer is not None
    assert case.offer.move is not None
    assert (case.offer.move.before, case.offer.move.after, case.offer.must) == (ASSIGNED, ANEW, False)
    changes = {one.id: one.change for one in case.offer.move.criteria}
    assert list(changes.values()) == [
        CriterionChange.UNCHANGED, CriterionChange.REWORDED, CriterionChange.LEVELS, CriterionChange.EXAMPLES,
        CriterionChange.NEW, CriterionChange.GONE,
    ]  # fmt: skip
    scores = [one.score for one in case.offer.move.criteria]
    assert scores == [
        ScoreAfter.CARRIED, ScoreAfter.AGAIN, ScoreAfter.AGAIN, ScoreAfter.CARRIED, ScoreAfter.NONE, ScoreAfter.KEPT,
    ]  # fmt: skip
    story.seal(case.submission.id)
    assert story.sync() == ()
    assert _state(story, "M-STAYED") is InboxState.DELIVERED


def test_what_is_sealed_is_offered_nothing(story: Story) -> None:
    case = story.desk.case(story.desk.find("M-DONE"))
    assert case.rubric.version == ASSIGNED
    with pytest.raises(Refused, match="sealed"):
        story.desk.move_rubric(case.submission.id)


def test_a_move_is_one_step_and_undone_everything_is_as_it_was(story: Story) -> None:
    own_id = story.desk.find("M-BACK")
    before = story.desk.case(own_id)
    story.desk.move_rubric(own_id, ANEW)
    moved = story.desk.case(own_id)
    assert (moved.rubric.version, moved.offer.move) == (ANEW, None)
    assert moved.review.scored(moved.rubric) == 2
    assert _row(story, "M-BACK")[:2] == (2, 5)
    gone = moved.offer.done.kept[0]
    assert "Tickets 3" in dict(gone.texts)[TextField.RATIONALE]
    story.desk.undo(own_id)
    after = story.desk.case(own_id)
    assert (after.rubric, after.review, after.findings) == (before.rubric, before.review, before.findings)
    assert _row(story, "M-BACK") == (5, 5, InboxState.READY_TO_SEAL)
    story.desk.redo(own_id)
    assert story.desk.case(own_id).rubric.version == ANEW
    story.desk.undo(own_id)


def test_what_was_shown_must_still_be_the_newest(story: Story) -> None:
    own_id = story.desk.find("M-BACK")
    with pytest.raises(Refused, match="published once more"):
        story.desk.move_rubric(own_id, "2030.9")


def test_a_moved_review_is_scored_anew_sealed_taken_and_found_good_and_can_be_corrected(
    story: Story, tmp_path: Path
) -> None:
    own_id = story.desk.find("M-MOVED")
    story.desk.move_rubric(own_id, ANEW)
    case = story.desk.case(own_id)
    with pytest.raises(Refused, match="Needed before sealing"):
        story.seal(own_id)
    anchor = case.review.anchors[0].id
    for number, criterion in enumerate(case.rubric.criteria):
        if not case.review.work(criterion.id).level:
            story.finish(own_id, criterion.id, anchor, number)
    story.seal(own_id)
    assert story.sync() == ()
    assert _state(story, "M-MOVED") is InboxState.DELIVERED
    (path,) = story.desk.export(own_id, tmp_path, "packet")
    verdict = verify(path, TrustList.load(story.office.folder / "trust.pem"), datetime.now(UTC))
    assert verdict.exit_code() == 0
    fact = verdict.fact(FactId.ASSIGNMENT)
    assert fact.standing is Standing.GOOD
    assert f"in version {ASSIGNED}; the review was moved and is by version {ANEW}" in fact.sentence
    with zipfile.ZipFile(path) as bag:
        names = {name.partition("/")[2] for name in bag.namelist()}
        stated = json.loads(bag.read(next(one for one in bag.namelist() if one.endswith("data/review.json"))))
    assert "data/rubric.p7s" in names
    assert (stated["rubric"]["version"], stated["rubric_moved"]) == (ANEW, {"from": ASSIGNED})
    assert [one["criterion"] for one in stated["criteria"]] == [one.id for one in case.rubric.criteria]
    story.desk.begin_correction(own_id)
    corrected = story.desk.case(own_id)
    assert (corrected.rubric.version, corrected.blocking) == (ANEW, ())


def test_it_is_shown_and_done_by_command(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    story.desk.close()
    try:
        line = ["--desk", str(story.desk.folder), "--json", "move-rubric", "M-COMMAND"]
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ASSESSOR_DESK_PASSPHRASE", "demo")
            assert run_command([*line, "--preview"]) == 0
            shown = json.loads(capsys.readouterr().out)
            assert run_command(line) == 0
            done = json.loads(capsys.readouterr().out)
            assert run_command(line) == 1
            assert "not published anew since version 2031.1" in capsys.readouterr().err
    finally:
        story.desk = type(story.desk).open(story.desk.folder, "demo")
    assert (shown["moved"], done["moved"]) == (False, True)
    assert {**shown, "moved": True} == done
    assert len(shown["again"]) == 2
    assert story.desk.case(story.desk.find("M-COMMAND")).rubric.version == ANEW


@pytest.fixture
def republishing(
    desk: Desk, published: tuple[Published, Published], root: Path, tmp_path: Path
) -> Callable[..., str]:
    """`republishing("must")`: a submission under that policy, whose rubric was published anew since it was begun."""

    def do(word: str) -> str:
        rubric = load_rubric(republished(root, tmp_path / "anew.yaml"))
        policy = replace(
            policy_from_json(published[1].canonical), version=word, republished_rubric=MovePolicy(word)
        )
        under = Published(policy.id, policy.version, policy_to_json(policy))
        case = desk.case(desk.find("7F3A-00"))
        assignment = replace(case.assignment, id=f"under {word}", policy_version=word)
        desk.store.accept(SourceChanges("a", policies=(under,), assignments=(assignment,)), SOURCE)
        desk.store.set_aside([case.assignment.id])
        desk.record_completeness(case.submission.id)
        anew = Published(rubric.id, rubric.version, rubric_to_json(rubric))
        desk.store.accept(SourceChanges("b", rubrics=(anew,), newest_rubrics={rubric.id: ANEW}), SOURCE)
        return case.submission.id

    return do


def test_a_programme_may_keep_reviews_on_their_version(desk: Desk, republishing: Callable[..., str]) -> None:
    own_id = republishing("never")
    offer = desk.case(own_id).offer
    assert offer is not None
    assert (offer.allowed, offer.must) == (False, False)
    with pytest.raises(Refused, match="keeps reviews on the version"):
        desk.move_rubric(own_id)


def test_a_programme_may_demand_the_move_before_the_seal(
    desk: Desk, republishing: Callable[..., str], finish: Callable[[Desk, str], tuple[str, ...]]
) -> None:
    own_id = republishing("must")
    attested = finish(desk, own_id)
    case = desk.case(own_id)
    assert (len(case.hindrances), desk.inbox()[0].state) == (1, InboxState.IN_REVIEW)
    with pytest.raises(Refused, match="published anew, and the programme asks"):
        desk.seal_packet(own_id, "demo", attested)
    desk.move_rubric(own_id)
    assert desk.case(own_id).hindrances == ()


def test_the_window_can_keep_what_was_being_typed_while_it_was_taken_back(desk: Desk) -> None:
    own_id = desk.find("7F3A-00")
    desk.record_completeness(own_id)
    desk.store.set_aside([desk.case(own_id).assignment.id])
    desk.keep_text(own_id, TextField.OVERALL, "The last words.")
    assert desk.case(own_id).review.overall == "The last words."
    with pytest.raises(Refused, match="set aside"):
        desk.write_text(own_id, TextField.OVERALL, "Other words.")


def _row(story: Story, key: str) -> tuple[int, int, InboxState]:
    (row,) = (row for row in story.desk.inbox() if row.key == key)
    return row.scored, row.criteria, row.state


def _state(story: Story, key: str) -> InboxState:
    return _row(story, key)[2]
